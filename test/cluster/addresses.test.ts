import assert from 'node:assert/strict';
import { it } from 'node:test';
import { addresses, freeNumbers, nodeAddresses } from './host/addresses.ts';

it('takes no subnet that an address or a route of the machine is part of', () => {
  assert.deepEqual(freeNumbers(['10.231.4.7', '10.233.0.0/16', '192.168.234.1', 'default'], 231, 234), [232, 234]);
});

it('finds no subnet where all are taken', () => {
  assert.deepEqual(freeNumbers(['10.7.0.1'], 7, 7), []);
});

it('gives nodes, pods and services addresses that are not each other’s', () => {
  const all = addresses(231);
  assert.equal(all.gateway, '10.231.0.1');
  assert.deepEqual(nodeAddresses(all, 1), { address: '10.231.0.11', podSubnet: '10.231.65.0/24', link: 'pitr231n1' });
  assert.deepEqual(nodeAddresses(all, 2), { address: '10.231.0.12', podSubnet: '10.231.66.0/24', link: 'pitr231n2' });
  assert.equal(all.podSubnet, '10.231.64.0/18');
  assert.equal(all.serviceSubnet, '10.231.128.0/17');
});

it('names links so that the kernel takes them', () => {
  // IFNAMSIZ: 15 characters.
  assert.ok(nodeAddresses(addresses(250), 9).link.length <= 15);
});
