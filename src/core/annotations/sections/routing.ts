import { section } from '../entry.ts';

export const routing = section(
  'Routing',
  { on: ['Ingress'], merge: 'own', status: 'built' },
  {
    'actions.<name>': {
      allowed: 'a JSON object with "type": "fixed-response", "redirect" or "forward" and its configuration',
      byDefault: 'a fixed 503 where a backend names a missing action',
      doc: 'Action for backends with the service name <name> and the port name use-annotation.',
      example:
        '{"type": "redirect", "redirectConfig": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}',
    },
    'conditions.<name>': {
      allowed: 'a JSON array of {"field", "…Config"}',
      byDefault: 'none',
      doc: 'Further conditions of rules whose backend has the service name <name>.',
      example:
        '[{"field": "http-header", "httpHeaderConfig": {"httpHeaderName": "X-Beta", "values": ["1"]}}]',
    },
    'transforms.<name>': {
      allowed: 'a JSON array of {"type": "url-rewrite" or "host-header-rewrite", "…Config": {"rewrites"}}',
      byDefault: 'none',
      doc: 'Rewrites of the request by rules whose backend has the service name <name>.',
      example:
        '[{"type": "url-rewrite", "urlRewriteConfig": {"rewrites": [{"regex": "^/api/(.*)$", "replace": "/$1"}]}}]',
    },
    'use-regex-path-match': {
      allowed: 'true, false',
      byDefault: 'false',
      doc: 'Paths of type ImplementationSpecific are regular expressions, written behind the first slash.',
      example: 'true',
    },
  },
);
