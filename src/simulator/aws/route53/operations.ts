import {
  ChangeResourceRecordSets$,
  CreateHostedZone$,
  DeleteHostedZone$,
  GetChange$,
  ListHostedZones$,
  ListHostedZonesByName$,
  ListResourceRecordSets$,
} from '@aws-sdk/client-route-53';
import { operation, type Service } from '../operation.ts';
import { changeResourceRecordSets, getChange, listResourceRecordSets } from './records.ts';
import { createHostedZone, deleteHostedZone, listHostedZones, listHostedZonesByName } from './zones.ts';

/** Route 53: hosted zones and their records, as far as the validation of certificates needs them. */
export const route53: Service = {
  name: 'route53',
  signingName: 'route53',
  protocol: 'rest-xml',
  xmlNamespace: 'https://route53.amazonaws.com/doc/2013-04-01/',
  operations: {
    ChangeResourceRecordSets: operation(ChangeResourceRecordSets$, changeResourceRecordSets),
    CreateHostedZone: operation(CreateHostedZone$, createHostedZone),
    DeleteHostedZone: operation(DeleteHostedZone$, deleteHostedZone),
    GetChange: operation(GetChange$, getChange),
    ListHostedZones: operation(ListHostedZones$, listHostedZones),
    ListHostedZonesByName: operation(ListHostedZonesByName$, listHostedZonesByName),
    ListResourceRecordSets: operation(ListResourceRecordSets$, listResourceRecordSets),
  },
};
