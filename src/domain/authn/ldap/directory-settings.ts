/** The directory of one authn-ldap service. */
import type { Directory } from '../../../ports/ldap-directory.ts';
import type { AccountState } from '../../accounts/account-state.ts';
import { LatchkeyError } from '../../errors.ts';
import type { ResourceId } from '../../ids.ts';
import type { Services } from '../../services.ts';
import { settingsReader } from '../service-settings.ts';

const variables = {
  required: [],
  optional: [],
  mayBeUnset: ['bind-password', 'tls-ca-cert', 'tls-cert'],
} as const;
type VariableName = (typeof variables.mayBeUnset)[number];

const annotationPrefix = 'ldap-authn/';
const defaultFilter = '(&(objectClass=posixAccount)(uid=%s))';
const securityOf = { plain: 'none', tls: 'starttls', ssl: 'tls' } as const;

/**
 * Reads the settings of a service, as of the state's epoch; they are kept until authority changes.
 *
 * Each comes from an annotation of the webservice (`ldap-authn/uri`, `host`, `port`, `base_dn`,
 * `bind_dn`, `connect_type`, `filter_template`) or a variable below it (`bind-password`,
 * `tls-ca-cert`), and else from the configuration of the service. Who the configuration binds as is
 * told to no other server than the one that the configuration names, and not without its TLS: who writes policy could
 * otherwise have the password sent to a server of theirs.
 *
 * @throws LatchkeyError `DIRECTORY_SETTINGS_INVALID`
 * @see Conjur: authn-ldap
 */
export const directoryOf = settingsReader<VariableName, Directory, Pick<Services, 'settings'>>(
  variables,
  ({ services, state, webservice, values }) => toDirectory(services.settings, state, webservice, values),
);

function toDirectory(
  settings: Services['settings'],
  { graph }: AccountState,
  webservice: ResourceId,
  values: ReadonlyMap<VariableName, string>,
): Directory {
  const annotation = (name: string): string | undefined =>
    present(graph.annotation(webservice, annotationPrefix + name)?.value);
  const uri = readUri(annotation('uri') ?? settings.ldapUri);
  const security = readSecurity(annotation('connect_type'), uri);
  const host = annotation('host') ?? uri?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (host === '') throw invalid('names no server: set ldap-authn/uri or ldap-authn/host, or --ldap-uri');
  // Neither elsewhere nor without the TLS that the configuration asks for.
  const configured =
    ['uri', 'host', 'port'].every((name) => annotation(name) === undefined) &&
    (security !== 'none' || uri?.protocol !== 'ldaps:');
  const caCert = present(values.get('tls-ca-cert')) ?? present(values.get('tls-cert'));
  const dn = annotation('bind_dn') ?? (configured ? settings.ldapBindDn : undefined);
  const password =
    values.get('bind-password') ?? (configured ? settings.ldapBindPassword?.reveal() : undefined);
  return {
    host,
    port: readPort(annotation('port') ?? uri?.port) ?? (security === 'tls' ? 636 : 389),
    security,
    ...(caCert === undefined ? {} : { caCert }),
    ...(dn === undefined ? {} : { binding: { dn, password: requirePassword(password) } }),
    baseDn: annotation('base_dn') ?? settings.ldapBaseDn ?? '',
    filterTemplate: annotation('filter_template') ?? settings.ldapFilter ?? defaultFilter,
  };
}

function present(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}

function readUri(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const uri = URL.canParse(text) ? new URL(text) : undefined;
  const isLdap = uri?.protocol === 'ldap:' || uri?.protocol === 'ldaps:';
  if (uri === undefined || !isLdap || uri.username !== '' || uri.password !== '')
    throw invalid('has an address that is not ldap://HOST:PORT or ldaps://HOST:PORT');
  return uri;
}

function readSecurity(connectType: string | undefined, uri: URL | undefined): Directory['security'] {
  const type = connectType ?? (uri?.protocol === 'ldaps:' ? 'ssl' : 'plain');
  if (type === 'plain' || type === 'tls' || type === 'ssl') return securityOf[type];
  throw invalid('has a connect_type that is not plain, tls or ssl');
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw invalid('has a port that is not a number from 1 to 65535');
  return port;
}

/** A bind with an empty password is an anonymous one (RFC 4513 section 5.1.2), whatever its name says. */
function requirePassword(password: string | undefined): string {
  if (password === undefined || password === '')
    throw invalid('has a bind_dn, but no password: set the variable bind-password');
  return password;
}

function invalid(fault: string): LatchkeyError {
  return new LatchkeyError('DIRECTORY_SETTINGS_INVALID', { detail: `The directory of authn-ldap ${fault}` });
}
