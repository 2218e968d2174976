/** Whether npm runs this process, e.g. by `npm start`: npm tells its scripts which of them they are. */
export function isStartedByNpm(
  environment: Record<string, string | undefined> = process.env,
): boolean {
  return environment['npm_lifecycle_event'] !== undefined;
}
