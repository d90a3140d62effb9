/** A Job that makes a folder in a store as a user of its own, as a copying program of somebody else's would. */
export function folderMaker(image: string, claim: string, folder: string): object {
  const spec = {
    restartPolicy: 'Never',
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 20001,
      runAsGroup: 20001,
      fsGroup: 10001,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'maker',
        image,
        command: ['mkdir', '-m', '755', `/backup-store/${folder}`],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        volumeMounts: [{ name: 'store', mountPath: '/backup-store' }],
      },
    ],
    volumes: [{ name: 'store', persistentVolumeClaim: { claimName: claim } }],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'folder-maker' },
    spec: { backoffLimit: 0, template: { spec } },
  };
}
