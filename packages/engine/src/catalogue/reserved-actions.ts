/** Operation types that are named by the sources and wait for their connector. */
export const reservedTypes: readonly string[] = [
  'install_modules',
  'update_modules',
  'run_migrations',
  'seed_application',
  'upgrade',
  'rollback_modules',
];
