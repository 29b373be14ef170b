/** dockerd's default namespace. */
const ENGINE_NAMESPACE = 'moby';

const ENGINE_ID = /^[0-9a-f]{64}$/;

const NERDCTL_NAME = 'nerdctl/name';
const CRI = {
  container: 'io.kubernetes.container.name',
  pod: 'io.kubernetes.pod.name',
  namespace: 'io.kubernetes.pod.namespace',
  uid: 'io.kubernetes.pod.uid',
} as const;

/**
 * Whether containerd's object of a container is dockerd's: it is created for each start and removed
 * after each exit, so these events do not concern the container.
 *
 * @param image as containerd reported it
 */
export function isMadeForEachStart(namespace: string, id: string, image: string): boolean {
  return namespace === ENGINE_NAMESPACE || (image === '' && ENGINE_ID.test(id));
}

/** The name that nerdctl or Kubernetes has given to a container, otherwise its id. */
export function nameInLabels(id: string, labels: ReadonlyMap<string, string>): string {
  const nerdctl = labels.get(NERDCTL_NAME);
  if (nerdctl) return nerdctl;
  const container = labels.get(CRI.container);
  if (!container) return id;
  const rest = [CRI.pod, CRI.namespace, CRI.uid].map((label) => labels.get(label) ?? '');
  return ['k8s', container, ...rest].filter((part) => part !== '').join('_');
}
