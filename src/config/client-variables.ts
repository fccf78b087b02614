/**
 * The environment variables of the command line's client commands. Listed here, and not with
 * the commands, so that the service does not take them for misspelt settings.
 *
 * Each setting has Latchkey's name and the one that Conjur's clients know; Latchkey's wins.
 */
export const clientVariables = {
  url: ['LATCHKEY_URL', 'CONJUR_APPLIANCE_URL'],
  account: ['LATCHKEY_ACCOUNT', 'CONJUR_ACCOUNT'],
  login: ['LATCHKEY_AUTHN_LOGIN', 'CONJUR_AUTHN_LOGIN'],
  apiKey: ['LATCHKEY_AUTHN_API_KEY', 'CONJUR_AUTHN_API_KEY'],
  token: ['LATCHKEY_AUTHN_TOKEN', 'CONJUR_AUTHN_TOKEN'],
  tokenFile: ['LATCHKEY_AUTHN_TOKEN_FILE', 'CONJUR_AUTHN_TOKEN_FILE'],
  certFile: ['LATCHKEY_CERT_FILE', 'CONJUR_CERT_FILE'],
  insecure: ['LATCHKEY_INSECURE'],
  customerId: ['LATCHKEY_CUSTOMER_ID'],
  configClientId: ['LATCHKEY_CONFIG_CLIENT_ID'],
  configClientSecret: ['LATCHKEY_CONFIG_CLIENT_SECRET'],
} as const;

export type ClientVariable = keyof typeof clientVariables;
