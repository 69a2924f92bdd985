/** Code that is not shipped: tests, what stands in a folder `fixture` or `live` for them, and the connectors' conformance suite. */
export function isTestFile(file: string): boolean {
  return (
    /\.test\.tsx?$/.test(file) ||
    /\/src\/(.+\/)?(fixture|live)\//.test(file) ||
    file.startsWith('packages/connector-kit/src/conformance/')
  );
}
