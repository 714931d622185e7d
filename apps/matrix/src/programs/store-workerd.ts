import { runLaws } from './law-run.ts'

/** Registers and runs the laws within a request: a Worker may wait, and choose at random, nowhere else. */
export default {
  async fetch(request: Request): Promise<Response> {
    await import('$laws')
    const lines: string[] = []
    await runLaws(JSON.parse(await request.text()), (line) => lines.push(line))
    return new Response(lines.join('\n'))
  },
}
