/** The options of authenticators that ask elsewhere; part of the option table. */
import { directoryAddress, onOff, plainText, secretText, webAddress } from './option-types.ts';

export const authenticatorOptions = {
  ldapUri: {
    name: 'ldap-uri',
    aliases: ['LDAP_URI'],
    ...directoryAddress(),
    summary: 'The directory of authn-ldap, where the annotations of its webservice name no other.',
  },
  ldapBaseDn: {
    name: 'ldap-base',
    aliases: ['LDAP_BASE'],
    ...plainText('a distinguished name'),
    summary: 'The entry of the directory below which people are.',
  },
  ldapBindDn: {
    name: 'ldap-bind-dn',
    aliases: ['LDAP_BINDDN'],
    ...plainText('a distinguished name'),
    summary: 'Who looks for people in the directory that --ldap-uri names; anonymous by default.',
  },
  ldapBindPassword: {
    name: 'ldap-bind-password',
    aliases: ['LDAP_BINDPW'],
    ...secretText(),
    summary: 'The password of who looks for people in that directory.',
  },
  ldapFilter: {
    name: 'ldap-filter',
    aliases: ['LDAP_FILTER'],
    ...plainText('a filter of RFC 4515 in which %s stands for the login name'),
    summary: 'How people are found; by default (&(objectClass=posixAccount)(uid=%s)).',
  },
  allowInsecureLdap: {
    name: 'allow-insecure-ldap',
    ...onOff(),
    fallback: 'false',
    summary: 'Ask directories on other machines without TLS. Who is on the path reads the passwords.',
  },
  stsEndpoint: {
    name: 'sts-endpoint',
    ...webAddress(),
    summary: 'Where authn-iam asks AWS STS instead of at its public addresses: a private endpoint.',
  },
} as const;
