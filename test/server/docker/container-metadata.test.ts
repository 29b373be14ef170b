import { expect } from 'chai';
import { ContainerMetadata } from '../../../server/docker/container-metadata.js';
import { httpVectorsOf } from '../http/docker/http-vectors.js';

function metadata(labels: Readonly<Record<string, string>>, id = 'c1'): ContainerMetadata {
  return new ContainerMetadata(id).updated('', new Map(Object.entries(labels)));
}

describe('the attributes of a container', () => {
  for (const vector of httpVectorsOf('attributes')) {
    it(vector.name, () => {
      // A container of containerd without a name is named by its id.
      const id = vector.container_name.replace('/', '');
      const labels = new Map(Object.entries(vector.labels));
      const attributes = new ContainerMetadata(id).updated(vector.image, labels);
      const expected = vector.expect_ours ?? vector.expect;
      expect(Object.fromEntries(attributes.attributes(vector.extra))).to.deep.equal(expected);
    });
  }

  it('have the familiar image name, and no empty one', () => {
    const made = new ContainerMetadata('c1', 'docker.io/library/busybox:latest');
    expect(made.attributes().get('image')).to.equal('busybox:latest');
    expect(metadata({}).attributes().has('image')).to.equal(false);
  });

  it('keep the image that an update leaves out', () => {
    const made = new ContainerMetadata('c1', 'app:v1');
    expect(made.updated('', new Map()).attributes().get('image')).to.equal('app:v1');
    expect(made.updated('app:v2', new Map()).attributes().get('image')).to.equal('app:v2');
  });

  it('have the name that nerdctl or Kubernetes has given', () => {
    expect(metadata({}).name).to.equal('c1');
    expect(metadata({ 'nerdctl/name': 'web' }).name).to.equal('web');
    expect(metadata({ 'nerdctl/name': '' }).name).to.equal('c1');
    const pod = {
      'io.kubernetes.container.name': 'app',
      'io.kubernetes.pod.name': 'app-7f',
      'io.kubernetes.pod.namespace': 'prod',
      'io.kubernetes.pod.uid': 'u1',
    };
    expect(metadata(pod).name).to.equal('k8s_app_app-7f_prod_u1');
    expect(metadata({ ...pod, 'nerdctl/name': 'web' }).name).to.equal('web');
  });
});
