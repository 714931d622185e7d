import { PATHS } from '@bff/demo/page/icons'

export const Shield = () => (
  <svg viewBox="0 0 32 32" aria-hidden="true">
    <path className="shield" d="M16 3.5 6 7.3v8.2C6 22 10.1 27 16 28.8 21.9 27 26 22 26 15.5V7.3z" />
    <path className="tick" d="m11.4 16.2 3.3 3.3 6-6.4" />
  </svg>
)

export const Icon = ({ name }: { name: keyof typeof PATHS }) => (
  <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
)
