import {
  AllocateAddress$,
  AssignPrivateIpAddresses$,
  AssociateRouteTable$,
  AttachInternetGateway$,
  AuthorizeSecurityGroupEgress$,
  AuthorizeSecurityGroupIngress$,
  CreateInternetGateway$,
  CreateManagedPrefixList$,
  CreateRoute$,
  CreateRouteTable$,
  CreateSecurityGroup$,
  CreateSubnet$,
  CreateTags$,
  CreateVpc$,
  DeleteSecurityGroup$,
  DeleteTags$,
  DescribeAvailabilityZones$,
  DescribeInstances$,
  DescribeManagedPrefixLists$,
  DescribeNetworkInterfaces$,
  DescribeRouteTables$,
  DescribeSecurityGroupRules$,
  DescribeSecurityGroups$,
  DescribeSubnets$,
  DescribeVpcAttribute$,
  DescribeVpcs$,
  ModifyNetworkInterfaceAttribute$,
  RevokeSecurityGroupEgress$,
  RevokeSecurityGroupIngress$,
  RunInstances$,
  StartInstances$,
  StopInstances$,
  TerminateInstances$,
} from '@aws-sdk/client-ec2';
import { operation, type Service } from '../operation.ts';
import { changeInstances, describeInstances, runInstances } from './instances.ts';
import {
  assignPrivateIpAddresses,
  describeNetworkInterfaces,
  modifyNetworkInterfaceAttribute,
} from './network-interfaces.ts';
import { allocateAddress, createManagedPrefixList, describeManagedPrefixLists } from './prefix-lists.ts';
import {
  associateRouteTable,
  attachInternetGateway,
  createInternetGateway,
  createRoute,
  createRouteTable,
  describeRouteTables,
} from './route-tables.ts';
import {
  authorizeSecurityGroupEgress,
  authorizeSecurityGroupIngress,
  describeSecurityGroupRules,
  revokeSecurityGroupEgress,
  revokeSecurityGroupIngress,
} from './security-group-rules.ts';
import { createSecurityGroup, deleteSecurityGroup, describeSecurityGroups } from './security-groups.ts';
import { createSubnet, describeAvailabilityZones, describeSubnets } from './subnets.ts';
import { createTags, deleteTags } from './tag-operations.ts';
import { createVpc, describeVpcAttribute, describeVpcs } from './vpcs.ts';

/** The part of EC2 that a controller reads and writes, and what seeds need to build a network. One file for each kind of resource. */
export const ec2: Service = {
  name: 'ec2',
  signingName: 'ec2',
  protocol: 'ec2',
  xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  operations: {
    AllocateAddress: operation(AllocateAddress$, allocateAddress),
    AssignPrivateIpAddresses: operation(AssignPrivateIpAddresses$, assignPrivateIpAddresses),
    AssociateRouteTable: operation(AssociateRouteTable$, associateRouteTable),
    AttachInternetGateway: operation(AttachInternetGateway$, attachInternetGateway),
    AuthorizeSecurityGroupEgress: operation(AuthorizeSecurityGroupEgress$, authorizeSecurityGroupEgress),
    AuthorizeSecurityGroupIngress: operation(AuthorizeSecurityGroupIngress$, authorizeSecurityGroupIngress),
    CreateInternetGateway: operation(CreateInternetGateway$, createInternetGateway),
    CreateManagedPrefixList: operation(CreateManagedPrefixList$, createManagedPrefixList),
    CreateRoute: operation(CreateRoute$, createRoute),
    CreateRouteTable: operation(CreateRouteTable$, createRouteTable),
    CreateSecurityGroup: operation(CreateSecurityGroup$, createSecurityGroup),
    CreateSubnet: operation(CreateSubnet$, createSubnet),
    CreateTags: operation(CreateTags$, createTags),
    CreateVpc: operation(CreateVpc$, createVpc),
    DeleteSecurityGroup: operation(DeleteSecurityGroup$, deleteSecurityGroup),
    DeleteTags: operation(DeleteTags$, deleteTags),
    DescribeAvailabilityZones: operation(DescribeAvailabilityZones$, describeAvailabilityZones),
    DescribeInstances: operation(DescribeInstances$, describeInstances),
    DescribeManagedPrefixLists: operation(DescribeManagedPrefixLists$, describeManagedPrefixLists),
    DescribeNetworkInterfaces: operation(DescribeNetworkInterfaces$, describeNetworkInterfaces),
    DescribeRouteTables: operation(DescribeRouteTables$, describeRouteTables),
    DescribeSecurityGroupRules: operation(DescribeSecurityGroupRules$, describeSecurityGroupRules),
    DescribeSecurityGroups: operation(DescribeSecurityGroups$, describeSecurityGroups),
    DescribeSubnets: operation(DescribeSubnets$, describeSubnets),
    DescribeVpcAttribute: operation(DescribeVpcAttribute$, describeVpcAttribute),
    DescribeVpcs: operation(DescribeVpcs$, describeVpcs),
    ModifyNetworkInterfaceAttribute: operation(
      ModifyNetworkInterfaceAttribute$,
      modifyNetworkInterfaceAttribute,
    ),
    RevokeSecurityGroupEgress: operation(RevokeSecurityGroupEgress$, revokeSecurityGroupEgress),
    RevokeSecurityGroupIngress: operation(RevokeSecurityGroupIngress$, revokeSecurityGroupIngress),
    RunInstances: operation(RunInstances$, runInstances),
    StartInstances: operation(StartInstances$, changeInstances('running')),
    StopInstances: operation(StopInstances$, changeInstances('stopped')),
    TerminateInstances: operation(TerminateInstances$, changeInstances('terminated')),
  },
};
