export interface StreamEvent {
  readonly name: string
  readonly data: string
}

/** The events of a stream of server-sent events; comments are left out. */
export async function* eventsOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<StreamEvent> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    text += value
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const lines = block.split('\n')
      const data = valuesOf(lines, 'data:')
      if (data.length > 0) yield { name: valuesOf(lines, 'event:')[0] ?? 'message', data: data.join('\n') }
    }
  }
}

const valuesOf = (lines: readonly string[], field: string) =>
  lines.filter((line) => line.startsWith(field)).map((line) => line.slice(field.length).trim())
