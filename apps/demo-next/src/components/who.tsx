import type { Person } from '../lib/person.ts'

export function Who({ person, open = false }: { person: Person; open?: boolean }) {
  return (
    <section className="card who" aria-labelledby="who-title">
      <h2 id="who-title" className="visually-hidden">
        Who you are
      </h2>
      <div className="person">
        <span className="avatar" aria-hidden="true">
          {person.initials}
        </span>
        <div>
          <p className="person-name">{person.name}</p>
          <p className="soft">{person.email}</p>
        </div>
      </div>
      <details open={open}>
        <summary>What the provider says about you</summary>
        <dl>
          {Object.entries(person.claims).map(([type, value]) => (
            <div key={type}>
              <dt>
                <code>{type}</code>
              </dt>
              <dd>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  )
}
