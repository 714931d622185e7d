'use client'

import { useSyncExternalStore } from 'react'
import { Icon } from './icons.tsx'

const never = () => () => {}
const useBrowser = (read: () => string) => useSyncExternalStore(never, read, () => '')
const countOf = ({ length }: Storage) => (length === 0 ? 'empty' : `${length} entries`)

/** What scripts of this page can find of the session: nothing. */
export function BrowserHolds() {
  const found = {
    'document.cookie': useBrowser(() => (document.cookie === '' ? 'empty' : document.cookie)),
    localStorage: useBrowser(() => countOf(localStorage)),
    sessionStorage: useBrowser(() => countOf(sessionStorage)),
  }
  return (
    <div className="holds browser">
      <h3>
        <Icon name="page" />
        This browser holds
      </h3>
      <dl>
        <div>
          <dt>Tokens</dt>
          <dd className="good">none</dd>
        </div>
        {Object.entries(found).map(([place, text]) => (
          <div key={place}>
            <dt>
              <code>{place}</code>
            </dt>
            <dd className={text === 'empty' ? 'good' : 'bad'}>{text}</dd>
          </div>
        ))}
      </dl>
      <p className="sealed-cookie">
        <Icon name="lock" />
        <span>
          <strong>One cookie it cannot read.</strong> An opaque id, <code>HttpOnly</code> and{' '}
          <code>SameSite=Strict</code>. The browser sends it; no script sees it.
        </span>
      </p>
    </div>
  )
}
