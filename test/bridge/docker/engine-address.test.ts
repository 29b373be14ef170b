import { expect } from 'chai';
import { parseEngineAddress } from '../../../bridge/docker/engine-address.js';

describe('parseEngineAddress', () => {
  for (const [given, text, target] of [
    ['/var/run/docker.sock', 'unix:///var/run/docker.sock', { socketPath: '/var/run/docker.sock' }],
    ['unix:///d.sock', 'unix:///d.sock', { socketPath: '/d.sock' }],
    ['docker.example:2375', 'docker.example:2375', { host: 'docker.example', port: '2375' }],
    ['tcp://10.0.0.5:2375', '10.0.0.5:2375', { host: '10.0.0.5', port: '2375' }],
    ['tcp://[::1]:2375', '[::1]:2375', { host: '::1', port: '2375' }],
  ] as const) {
    it(`understands ${given}`, () => {
      expect(parseEngineAddress(given)).to.deep.equal({ text, target });
    });
  }

  for (const given of ['docker.sock', 'unix://docker.sock', 'http://docker:2375', 'tcp://docker']) {
    it(`refuses ${given}`, () => {
      expect(() => parseEngineAddress(given)).to.throw('expected unix:///path or host:port');
    });
  }
});
