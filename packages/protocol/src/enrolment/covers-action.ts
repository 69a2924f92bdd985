/** Whether a list of patterns holds an action: its name, `connector.*`, or `*`. */
export function coversAction(patterns: readonly string[], action: string): boolean {
  const [connector = ''] = action.split('.');
  return patterns.some((pattern) => pattern === '*' || pattern === action || pattern === `${connector}.*`);
}
