/** Tempo's `tags` parameter is logfmt: values with spaces, quotes or `=` need quotes. */
export function tagsParam(tags: Record<string, string>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${/[\s"=]/.test(value) ? JSON.stringify(value) : value}`)
    .join(" ");
}
