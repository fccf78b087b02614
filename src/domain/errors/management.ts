/** What may go wrong in the versioned API: branches, group members, authenticators. */
import { conjur, type CatalogueEntry } from './entry.ts';

export const managementErrors = {
  API_VERSION_MISSING: {
    kind: 'invalid',
    text:
      'The api belongs to v2 APIs but it missing the version "application/x.secretsmgr.v2beta+json" ' +
      'in the Accept header',
    conjur: conjur('CONJ00194W', 'Conjur::APIHeaderMissing'),
  },

  // Bodies and parameters
  JSON_EMPTY: { kind: 'invalid', text: 'Empty request body' },
  JSON_MALFORMED: { kind: 'invalid', text: 'The request body is not valid JSON' },
  FIELD_INVALID: { kind: 'invalid', text: 'A field is not valid' },
  FIELD_UNEXPECTED: { kind: 'invalid', text: 'Unexpected parameters' },
  FIELD_MISSING: {
    kind: 'invalid',
    text: 'Missing required parameter',
    conjur: conjur('CONJ00190W', 'Conjur::ParameterMissing'),
  },
  FIELD_VALUE_INVALID: {
    kind: 'invalid',
    text: 'The value of a parameter is not valid',
    conjur: conjur('CONJ00191W', 'Conjur::ParameterValueInvalid'),
  },
  FIELD_TYPE_INVALID: {
    kind: 'invalid',
    text: 'A parameter has the wrong type',
    conjur: conjur('CONJ00192W', 'Conjur::ParameterTypeInvalid'),
  },

  // Branches and group members
  BRANCH_EXISTS: { kind: 'conflict', text: 'The branch already exists' },
  MEMBER_UNKNOWN: { kind: 'invalid', text: 'The member was not found' },
  MEMBER_PRESENT: {
    kind: 'conflict',
    text: 'The role is already a member of the group',
    conjur: conjur('CONJ00180W', 'Group::DuplicateMember'),
  },
  MEMBER_ABSENT: {
    kind: 'not_found',
    text: "The role isn't a member of the group",
    conjur: conjur('CONJ00181W', 'Group::ResourceNotMember'),
  },

  // Authenticators
  AUTHENTICATOR_BODY_INVALID: { kind: 'invalid', text: 'Request JSON is malformed' },
  AUTHENTICATOR_FIELD_INVALID: { kind: 'invalid', text: 'A field of the authenticator is not valid' },
  AUTHENTICATOR_NOT_FOUND: { kind: 'not_found', text: 'Authenticator not found' },
  AUTHENTICATOR_EXISTS: { kind: 'conflict', text: 'The authenticator already exists.' },
  AUTHENTICATOR_FORBIDDEN: { kind: 'forbidden', text: 'Unauthorized' },
} as const satisfies Record<string, CatalogueEntry>;
