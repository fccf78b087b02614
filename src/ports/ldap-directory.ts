/** The port through which people prove themselves to an LDAP directory. */

/** A directory, and how people are found in it. */
export interface Directory {
  /** A host name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether the connection is encrypted, and from when on: `starttls` after it was asked for (RFC 4511 section 4.14). */
  readonly security: 'none' | 'starttls' | 'tls';
  /** PEM certificates that are trusted beside the usual ones. */
  readonly caCert?: string;
  /** Who looks for people; anonymous when undefined. */
  readonly binding?: { readonly dn: string; readonly password: string };
  /** The entry below which people are. */
  readonly baseDn: string;
  /** A filter of RFC 4515 in which `%s` stands for the login name, and `%%` for a percent sign. */
  readonly filterTemplate: string;
}

export interface LdapDirectory {
  /**
   * Whether somebody is who they say: the filter finds exactly one entry, and a bind as that entry
   * with the password succeeds. An empty password proves nothing, whatever the directory says of it.
   *
   * @throws LatchkeyError `DIRECTORY_SETTINGS_INVALID`, `DIRECTORY_NOT_ALLOWED`, `DIRECTORY_UNREACHABLE`,
   *   `DIRECTORY_TIMEOUT`; `OVERLOADED`: too many questions wait for their turn
   */
  proves(directory: Directory, login: string, password: string): Promise<boolean>;

  /** Ends every connection. */
  close(): Promise<void>;
}
