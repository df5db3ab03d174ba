import { section } from '../entry.ts';

export const listeners = section(
  'Listeners and TLS',
  { on: ['Ingress'], merge: 'one value per port', status: 'built' },
  {
    'listen-ports': {
      merge: 'merged',
      allowed: 'a JSON array such as [{"HTTP": 80}, {"HTTPS": 443}] with ports from 1 to 65535',
      byDefault: 'HTTPS 443 with a certificate, else HTTP 80',
      doc: 'Ports this Ingress is served on.',
      example: '[{"HTTP": 80}, {"HTTPS": 443}]',
    },
    'ssl-redirect': {
      merge: 'one value in the group',
      allowed: 'the number of a port that listens on HTTPS',
      byDefault: 'no redirect',
      doc: 'Every HTTP listener of the load balancer only redirects to this HTTPS port.',
      example: '443',
      params: 'sslRedirectPort',
    },
    'certificate-arn': {
      merge: 'merged',
      allowed: 'certificate ARNs, separated by commas',
      byDefault: 'found in ACM by the hosts of the Ingress',
      doc: 'Certificates of the HTTPS listeners; the first one is the default.',
      example: 'arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012',
      params: 'certificateArn',
    },
    'ssl-policy': {
      allowed: 'the name of an ELB security policy',
      byDefault: 'flag --default-ssl-policy',
      doc: 'TLS versions and ciphers of the HTTPS listeners.',
      example: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      params: 'sslPolicy',
    },
    'mutual-authentication': {
      allowed: 'a JSON array of {"port", "mode": "off", "passthrough" or "verify", "trustStore", …}',
      byDefault: 'left alone',
      doc: 'Client certificates on HTTPS listeners.',
      example: '[{"port": 443, "mode": "verify", "trustStore": "clients"}]',
    },
    'listener-attributes.<protocol>-<port>': {
      merge: 'merged',
      allowed: 'key=value, separated by commas',
      byDefault: 'attributes are left alone',
      doc: 'Attributes of one listener; keys that are not named keep the value they have.',
      example: 'routing.http.response.server.enabled=false',
      params: 'listeners[].listenerAttributes (of the first member on the port, by key)',
    },
    'create-acm-cert': {
      merge: 'own',
      allowed: 'true, false',
      byDefault: 'false',
      doc: 'Request one certificate from ACM for all hosts of this Ingress, and validate it by records in public hosted zones of Route 53 (feature gate EnableCertificateManagement). While it is not issued the load balancer goes on with what it has. Not read where certificates are given. With it the default of listen-ports is HTTPS 443.',
      example: 'true',
    },
    'acm-pca-arn': {
      merge: 'own',
      allowed: 'the ARN of a private certificate authority',
      byDefault: 'flag --default-pca-arn',
      doc: 'Private authority that issues the requested certificate; without one Amazon issues a public certificate. Another authority does not replace a certificate that is there.',
      example:
        'arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/12345678-1234-1234-1234-123456789012',
    },
  },
);
