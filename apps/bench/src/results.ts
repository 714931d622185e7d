import type { CallsPerRequest } from './counted-calls.ts'
import type { Scenario } from './scenarios.ts'
import type { Measurement, Spread } from './summary.ts'

/** What one part of the benchmark found. */
export interface Report {
  readonly name: string
  /** Markdown. */
  readonly table: string
  /** SVG; empty for none. */
  readonly plot: string
  /** For `bench-results.json`. */
  readonly data: object
  /** What our packages must never do and did, each in a sentence. */
  readonly problems: readonly string[]
}

/** The measurements of one scenario. */
export interface Result {
  readonly scenario: Scenario
  readonly measurements: readonly (Measurement & { readonly calls: CallsPerRequest | null })[]
}

/** Returns a table of Markdown, with the ratios to the base as median and spread. */
export function tableOf({ scenario, measurements }: Result): string {
  const { base, payloadBytes } = scenario
  const rate = ({ requestsPerSecond: { median } }: Measurement) =>
    payloadBytes === 0 ? median.toFixed(0) : `${((median * payloadBytes) / 1e6).toFixed(0)} MB`
  const rows = measurements.map((one) => [
    one.server,
    one.userPerRequest.median.toFixed(1),
    one.cpuPerRequest.median.toFixed(1),
    ratioOf(one.userRatio),
    rate(one),
    ratioOf(one.throughputRatio),
    `${one.p50.median.toFixed(1)} / ${one.p99.median.toFixed(1)}`,
    callsOf(one.calls),
  ])
  return [
    `### ${scenario.name}`,
    '',
    `| server | CPU µs, user | CPU µs, all | user CPU beside ${base} | per second | per second beside | p50 / p99 ms | store reads, writes, provider calls |`,
    '| --- | ---: | ---: | --- | ---: | --- | ---: | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n')
}

function callsOf(calls: CallsPerRequest | null): string {
  if (calls === null) return ''
  return [calls.reads, calls.writes, calls.provider]
    .map((count) => (count === null ? '–' : Number(count.toFixed(2))))
    .join(', ')
}

const ratioOf = ({ median, min, max }: Spread) => `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`

const LEFT = 230
const WIDTH = 760
const BAR = 22

/** Returns the CPU time of each server as a bar chart in SVG. */
export function plotOf({ scenario, measurements }: Result): string {
  return barChart(
    `${scenario.name}: user CPU time per request, beside ${scenario.base}`,
    measurements.map(({ server, userPerRequest: { median }, userRatio }) => ({
      name: server,
      value: median,
      label: `${median.toFixed(1)} µs · ${userRatio.median.toFixed(2)} ×`,
      isOurs: server.startsWith('bff '),
    })),
  )
}

interface Bar {
  readonly name: string
  readonly value: number
  readonly label: string
  readonly isOurs: boolean
}

/** Returns a bar chart in SVG; the longest bar has the greatest value. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const longest = Math.max(...bars.map(({ value }) => value))
  const drawn = bars.map(({ name, value, label, isOurs }, at) => {
    const y = 40 + at * BAR
    const width = (value / longest) * (WIDTH - LEFT - 150)
    const colour = isOurs ? '#2563eb' : '#9ca3af'
    return [
      `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${name}</text>`,
      `<rect x="${LEFT}" y="${y + 2}" width="${width.toFixed(1)}" height="${BAR - 6}" fill="${colour}"/>`,
      `<text x="${LEFT + width + 6}" y="${y + 14}">${label}</text>`,
    ].join('')
  })
  const height = 50 + bars.length * BAR
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="8" y="22" font-size="14">${title}</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n')
}

/** The same for milliseconds of servers with our packages. */
export const millisecondChart = (title: string, times: ReadonlyArray<readonly [name: string, ms: Spread]>) =>
  barChart(
    title,
    times.map(([name, { median, min, max }]) => ({
      name,
      value: median,
      label: `${median.toFixed(0)} ms (${min.toFixed(0)}–${max.toFixed(0)})`,
      isOurs: true,
    })),
  )
