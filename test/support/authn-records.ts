/** Audit records of Conjur's own authenticator, as `World.recordsOf` shows them. */
export function authnRecord(
  operation: 'login' | 'authenticate',
  role: string,
  message: string,
  failed?: { readonly unknown?: true },
): string {
  const result = failed === undefined ? 'success' : 'failure';
  const user = failed?.unknown === true ? 'not-found' : role;
  return (
    `<${failed === undefined ? 86 : 84}> authn [subject@43868 role="${role}"]` +
    `[auth@43868 user="${user}" authenticator="authn" service="cucumber:webservice:conjur/authn"]` +
    `[client@43868 ip="127.0.0.1"][action@43868 result="${result}" operation="${operation}"] ${message}`
  );
}

export const authnService = 'with authenticator authn service cucumber:webservice:conjur/authn';
