import { Shield } from './icons.tsx'

export const Brand = () => (
  <a className="brand" href="/">
    <Shield />
    <span>Backend for Frontend</span>
  </a>
)
