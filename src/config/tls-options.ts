/** The options of HTTPS; part of the option table. */
import { onOff, path, seconds } from './option-types.ts';

export const tlsOptions = {
  tlsCertFile: {
    name: 'tls-cert',
    ...path('the path of a PEM file'),
    summary: 'The certificate chain to serve HTTPS with; needs --tls-key. SIGHUP reads both anew.',
  },
  tlsKeyFile: {
    name: 'tls-key',
    ...path('the path of a PEM file'),
    summary: 'The private key of the certificate, readable by its owner only; needs --tls-cert.',
  },
  tlsSelfSigned: {
    name: 'tls-self-signed',
    ...onOff(),
    fallback: 'false',
    summary: 'Serve HTTPS with a certificate that the service makes itself and keeps in the data folder.',
  },
  hstsMaxAgeSeconds: {
    name: 'hsts-max-age',
    ...seconds(0, 2 * 365 * 24 * 60 * 60),
    fallback: '31536000',
    summary:
      'How long browsers shall call this host by HTTPS only (Strict-Transport-Security); 0 does not say it.',
  },
} as const;
