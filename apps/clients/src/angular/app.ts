import { Component, computed } from '@angular/core'
import { claimValues } from '@bff/client'
import { injectBffClient, injectSession } from '@bff/client/angular'

@Component({
  selector: 'app-account',
  template: `
    @let state = session();
    @switch (state.status) {
      @case ('unknown') { <p>{{ state.error ?? 'One moment' }}</p> }
      @case ('signed-out') {
        <button type="button" (click)="client.signIn()">Sign in {{ state.reason }}</button>
      }
      @case ('signed-in') {
        <section>
          <h1>Hello, {{ name() }}</h1>
          <button type="button" (click)="client.signOut({ returnTo: '/angular?bye' })">Sign out</button>
        </section>
      }
    }
  `,
})
class Account {
  readonly session = injectSession()
  readonly client = injectBffClient()
  readonly name = computed(() => claimValues(this.session(), 'name')[0])
}

@Component({ selector: 'app-status', template: '<output>{{ session().status }}</output>' })
class Status {
  readonly session = injectSession()
}

@Component({
  selector: 'app-root',
  imports: [Account, Status],
  template: '<app-account /><app-status />',
})
export class App {}
