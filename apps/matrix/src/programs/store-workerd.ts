import { runLaws } from './law-run.ts'

/** Registers and runs the laws within a request: a Worker may wait, and choose at random, nowhere else. */
export default {
  async fetch(): Promise<Response> {
    await import('$laws')
    const lines: string[] = []
    await runLaws(JSON.parse(process.env['MATRIX_GROUPS'] ?? '[]'), (line) => lines.push(line))
    return new Response(lines.join('\n'))
  },
}
