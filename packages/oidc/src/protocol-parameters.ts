/** The parameters of the protocol. With one of these an app or link could choose where codes go or what is checked. */
export const PROTOCOL_PARAMETERS: readonly string[] = [
  ...['client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'redirect_uri'],
  ...['response_type', 'response_mode', 'scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method'],
  ...['request', 'request_uri', 'registration', 'dpop_jkt', 'id_token_hint'],
]
