import { describe, expect, it } from 'vitest'
import { idpOptionsFrom } from '../src/index.ts'

describe('The environment of the provider', () => {
  it('sets lifetimes, grants and the status of invalid_grant', () => {
    const environment = {
      IDP_ACCESS_TOKEN_LIFETIME: '300',
      IDP_REFRESH_TOKEN_LIFETIME: '1800',
      IDP_GRANTS: 'user',
      IDP_INVALID_GRANT_STATUS: '403',
    }
    expect(idpOptionsFrom(environment)).toEqual({
      accessTokenLifetime: 300,
      refreshTokenLifetime: 1800,
      announceRefreshTokenLifetime: true,
      grants: 'user',
      invalidGrantStatus: 403,
    })
    expect(idpOptionsFrom({ IDP_GRANTS: '' })).toEqual({})
  })

  it.each([
    ['IDP_ACCESS_TOKEN_LIFETIME', '0'],
    ['IDP_REFRESH_TOKEN_LIFETIME', 'half an hour'],
    ['IDP_GRANTS', 'shared'],
    ['IDP_INVALID_GRANT_STATUS', '500'],
  ])('refuses %s=%s and says what it takes', (name, value) => {
    expect(() => idpOptionsFrom({ [name]: value })).toThrow(`${name} must be`)
  })
})
