/** authn-jwt and its kin: tokens, key sets, settings, and what a role's annotations demand. */
import { conjur, type CatalogueEntry } from './entry.ts';

const at = (code: string, name: string): { readonly code: string; readonly class: string } =>
  conjur(code, `Authentication::${name}`);

export const jwtErrors = {
  // The token
  JWT_MISSING: {
    kind: 'unauthenticated',
    text: 'The request body does not contain JWT token',
    conjur: at('CONJ00077E', 'Jwt::RequestBodyMissingJWTToken'),
  },
  JWT_EMPTY: {
    kind: 'unauthenticated',
    text: 'Token is empty or not found.',
    conjur: at('CONJ00085E', 'AuthnJwt::MissingToken'),
  },
  JWT_CLAIM_REQUIRED: {
    kind: 'unauthenticated',
    text: 'Failed to validate token: a mandatory claim is missing.',
    conjur: at('CONJ00091E', 'AuthnJwt::MissingMandatoryClaim'),
  },
  JWT_CLAIM_MISSING: {
    kind: 'unauthenticated',
    text: 'A claim was not found or is empty in the token',
    conjur: at('CONJ00051E', 'Jwt::TokenClaimNotFoundOrEmpty'),
  },

  // The keys
  JWKS_UNREACHABLE: {
    kind: 'unauthenticated',
    text: 'Failed to fetch JWKS',
    conjur: at('CONJ00087E', 'AuthnJwt::FetchJwksKeysFailed'),
  },
  JWKS_MISSING: {
    kind: 'unauthenticated',
    text: 'JWKS not found in response',
    conjur: at('CONJ00088E', 'AuthnJwt::FetchJwksUriKeysNotFound'),
  },
  JWKS_INVALID: {
    kind: 'unauthenticated',
    text: 'The response is no key set that can be used',
    conjur: at('CONJ00093E', 'AuthnJwt::FailedToConvertResponseToJwks'),
  },
  JWKS_REFUSED: {
    kind: 'unauthenticated',
    text: 'Failed to fetch JWKS data',
    conjur: at('CONJ00123E', 'AuthnJwt::FailedToFetchJwksData'),
  },

  // The settings of a service
  JWT_SERVICE_ID_MISSING: {
    kind: 'unauthenticated',
    text: 'Service ID is required when authenticating with authn-jwt',
    conjur: at('CONJ00097E', 'AuthnJwt::ServiceIdMissing'),
  },
  JWT_SIGNING_KEY_SETTINGS: {
    kind: 'unauthenticated',
    text: 'Invalid signing key settings',
    conjur: at('CONJ00122E', 'AuthnJwt::InvalidSigningKeySettings'),
  },
  JWT_PUBLIC_KEYS_INVALID: {
    kind: 'unauthenticated',
    text: "Failed to parse 'public-keys'",
    conjur: at('CONJ00120E', 'AuthnJwt::InvalidPublicKeys'),
  },
  JWT_AUDIENCE_EMPTY: {
    kind: 'unauthenticated',
    text: 'Failed to fetch audience value: audience value is empty',
    conjur: at('CONJ00115E', 'AuthnJwt::AudienceValueIsEmpty'),
  },
  CLAIM_NAME_EMPTY: {
    kind: 'unauthenticated',
    text: 'Failed to validate claim: claim name is empty or was not found.',
    conjur: at('CONJ00103E', 'AuthnJwt::FailedToValidateClaimMissingClaimName'),
  },
  CLAIM_NAME_INVALID: {
    kind: 'unauthenticated',
    text: 'Failed to validate claim: the claim name is not valid',
    conjur: at('CONJ00104E', 'AuthnJwt::FailedToValidateClaimForbiddenClaimName'),
  },
  CLAIM_NAME_RESERVED: {
    kind: 'unauthenticated',
    text: 'Failed to validate claim: the claim name is in the denylist',
    conjur: at('CONJ00105E', 'AuthnJwt::FailedToValidateClaimClaimNameInDenyList'),
  },
  ENFORCED_CLAIMS_EMPTY: {
    kind: 'unauthenticated',
    text: 'Failed to parse enforced claims: enforced claim value is empty or was not found.',
    conjur: at('CONJ00106E', 'AuthnJwt::FailedToParseEnforcedClaimsMissingInput'),
  },
  ENFORCED_CLAIMS_INVALID: {
    kind: 'unauthenticated',
    text: 'The list of enforced claims is in invalid format',
    conjur: at('CONJ00107E', 'AuthnJwt::InvalidEnforcedClaimsFormat'),
  },
  ENFORCED_CLAIMS_REPEATED: {
    kind: 'unauthenticated',
    text: 'The list of enforced claims must not contain duplications',
    conjur: at('CONJ00108E', 'AuthnJwt::InvalidEnforcedClaimsFormatContainsDuplication'),
  },
  CLAIM_ALIASES_EMPTY: {
    kind: 'unauthenticated',
    text: 'Failed to parse claim aliases: the claim aliases value is empty or was not found.',
    conjur: at('CONJ00109E', 'AuthnJwt::ClaimAliasesMissingInput'),
  },
  CLAIM_ALIASES_BLANK_ITEM: {
    kind: 'unauthenticated',
    text: 'Failed to parse claim aliases: one or more mapping statements are blank or empty',
    conjur: at('CONJ00110E', 'AuthnJwt::ClaimAliasesBlankOrEmpty'),
  },
  CLAIM_ALIAS_INVALID: {
    kind: 'unauthenticated',
    text: 'Failed to parse claim aliases: a claim alias is in invalid format',
    conjur: at('CONJ00111E', 'AuthnJwt::ClaimAliasInvalidFormat'),
  },
  CLAIM_ALIAS_NAME_INVALID: {
    kind: 'unauthenticated',
    text: 'Failed to parse claim aliases: one of the claims is in an invalid format',
    conjur: at('CONJ00112E', 'AuthnJwt::ClaimAliasInvalidClaimFormat'),
  },
  CLAIM_ALIAS_REPEATED: {
    kind: 'unauthenticated',
    text: 'Failed to parse claim aliases: a name appears more than once',
    conjur: at('CONJ00113E', 'AuthnJwt::ClaimAliasDuplicationError'),
  },
  CLAIM_ALIAS_HAS_SLASH: {
    kind: 'unauthenticated',
    text: "Failed to parse claim aliases: a claim alias name contains '/'.",
    conjur: at('CONJ00114E', 'AuthnJwt::ClaimAliasNameInvalidCharacter'),
  },

  // Who the token stands for
  JWT_IDENTITY_MISCONFIGURED: {
    kind: 'unauthenticated',
    text: 'JWT identity configuration is invalid',
    conjur: at('CONJ00098E', 'AuthnJwt::IdentityMisconfigured'),
  },
  JWT_IDENTITY_MISSING: {
    kind: 'unauthenticated',
    text: 'The field that names the identity was not found in the token',
    conjur: at('CONJ00081E', 'AuthnJwt::NoSuchFieldInToken'),
  },
  /** Only ever inside another failure's words. */
  CLAIM_PATH_INVALID: {
    kind: 'unauthenticated',
    text: 'Failed to parse claim path',
    conjur: at('CONJ00116E', 'AuthnJwt::InvalidClaimPath'),
  },
  JWT_IDENTITY_PATH_INVALID: {
    kind: 'unauthenticated',
    text: "Failed to parse 'token-app-property' value",
    conjur: at('CONJ00117E', 'AuthnJwt::InvalidTokenAppPropertyValue'),
  },
  JWT_IDENTITY_NOT_TEXT: {
    kind: 'unauthenticated',
    text: 'The identity in the token is not a text. An identity must be a String.',
    conjur: at('CONJ00118E', 'AuthnJwt::TokenAppPropertyValueIsNotString'),
  },

  // What the annotations of the role demand
  RESTRICTION_NAME_INVALID: {
    kind: 'unauthenticated',
    text: 'A restriction is invalid and not representing claim path in the token',
    conjur: at('CONJ00119E', 'AuthnJwt::InvalidRestrictionName'),
  },
  RESTRICTIONS_NONE: {
    kind: 'unauthenticated',
    text: 'Role must have at least one relevant annotation',
    conjur: at('CONJ00099E', 'Constraints::RoleMissingAnyRestrictions'),
  },
  RESTRICTIONS_REQUIRED: {
    kind: 'unauthenticated',
    text: 'Role does not have the required constraints',
    conjur: at('CONJ00057E', 'Constraints::RoleMissingConstraints'),
  },
  RESTRICTIONS_ANY_REQUIRED: {
    kind: 'unauthenticated',
    text: 'Role must have at least one of several constraints',
    conjur: at('CONJ00069E', 'Constraints::RoleMissingRequiredConstraints'),
  },
  RESTRICTIONS_EXACTLY_ONE: {
    kind: 'unauthenticated',
    text: 'Role must have exactly one of several required constraints',
    conjur: at('CONJ00131E', 'Constraints::IllegalRequiredExclusiveCombination'),
  },
  RESTRICTIONS_UNSUPPORTED: {
    kind: 'unauthenticated',
    text: 'Resource restrictions are not supported',
    conjur: at('CONJ00050E', 'Constraints::ConstraintNotSupported'),
  },
  RESTRICTIONS_CONFLICT: {
    kind: 'unauthenticated',
    text: 'Resource restrictions include an illegal combination of resource constraints',
    conjur: at('CONJ00055E', 'Constraints::IllegalConstraintCombinations'),
  },
  /** Only ever inside another failure's words. */
  RESTRICTIONS_NOT_PERMITTED: {
    kind: 'unauthenticated',
    text: "Role can't have one of these none permitted restrictions",
    conjur: at('CONJ00069E', 'Constraints::NonPermittedRestrictionGiven'),
  },
  RESTRICTION_RESERVED: {
    kind: 'unauthenticated',
    text: "Role can't have registered or aliased claim.",
    conjur: at('CONJ00069E', 'AuthnJwt::RoleWithRegisteredOrClaimAliasError'),
  },
  RESTRICTION_EMPTY: {
    kind: 'unauthenticated',
    text: 'An annotation is empty',
    conjur: at('CONJ00100E', 'ResourceRestrictions::EmptyAnnotationGiven'),
  },
  RESTRICTION_CLAIM_MISSING: {
    kind: 'unauthenticated',
    text: 'A claim is missing from JWT token. Verify that you configured the host with permitted restrictions.',
    conjur: at('CONJ00084E', 'AuthnJwt::JwtTokenClaimIsMissing'),
  },
  RESTRICTION_MISMATCH: {
    kind: 'unauthenticated',
    text: 'Resource restriction does not match with the corresponding value in the request',
    conjur: at('CONJ00049E', 'ResourceRestrictions::InvalidResourceRestrictions'),
  },

  // Clouds
  GCP_AUDIENCE_INVALID: {
    kind: 'unauthenticated',
    text: "The audience of the token has not the form 'conjur/<account-name>/<host-id>'",
    conjur: at('CONJ00067E', 'AuthnGcp::InvalidAudience'),
  },
  GCP_CLAIM_MISSING: {
    kind: 'unauthenticated',
    text: "A claim is missing from Google's JWT token",
    conjur: at('CONJ00068E', 'AuthnGcp::JwtTokenClaimIsMissing'),
  },
  GCP_ACCOUNT_MISMATCH: {
    kind: 'unauthenticated',
    text: 'The account in the audience does not match the account in the URL request',
    conjur: at('CONJ00070E', 'AuthnGcp::InvalidAccountInAudienceClaim'),
  },
  AZURE_RESOURCE_UNREADABLE: {
    kind: 'unauthenticated',
    text: 'Failed to parse xms_mirid',
    conjur: at('CONJ00052E', 'AuthnAzure::XmsMiridParseError'),
  },
  AZURE_RESOURCE_INCOMPLETE: {
    kind: 'unauthenticated',
    text: 'Required fields are missing in xms_mirid',
    conjur: at('CONJ00053E', 'AuthnAzure::MissingRequiredFieldsInXmsMirid'),
  },
  AZURE_PROVIDER_INVALID: {
    kind: 'unauthenticated',
    text:
      'Provider fields are in invalid format in xms_mirid. xms_mirid must contain the resource provider ' +
      'namespace, the resource type, and the resource name',
    conjur: at('CONJ00054E', 'AuthnAzure::InvalidProviderFieldsInXmsMirid'),
  },
  KUBERNETES_CERTIFICATE_MISSING: {
    kind: 'unauthenticated',
    text: 'Client SSL certificate is missing from the header',
    conjur: at('CONJ00029E', 'AuthnK8s::MissingClientCertificate'),
  },
} as const satisfies Record<string, CatalogueEntry>;
