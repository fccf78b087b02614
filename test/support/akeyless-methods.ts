/** Authenticators that are authentication methods of Akeyless' dialect, and who may authenticate at them. */
import { roleSession } from './fake-sts.ts';

export const awsAccount = '188945769008';
/** What the AWS role of the host `188945769008/web` signs with. */
export const machine = roleSession(awsAccount, 'web');

/** Alice by the OpenID Provider `mail`, and a host by AWS. */
export const methodsPolicy = `
- !policy
  id: conjur/authn-oidc/mail
  body:
  - !webservice
  - !variable provider-uri
  - !variable id-token-user-property
  - !permit { role: !user /alice, privilege: [ read, authenticate ], resource: !webservice "" }
- !host ${awsAccount}/web
- !policy
  id: conjur/authn-iam/prod
  body:
  - !webservice
  - !permit { role: !host /${awsAccount}/web, privilege: [ read, authenticate ], resource: !webservice "" }
`;
