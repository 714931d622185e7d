/** Returns a table of Markdown with its title; the first column names the row, the others are figures. */
export function markdownTable(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  return [
    `### ${title}`,
    '',
    `| ${columns.join(' | ')} |`,
    `| ${columns.map((_, at) => (at === 0 ? '---' : '---:')).join(' | ')} |`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n')
}
