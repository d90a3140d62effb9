/** What begins so is shown to people and not run here. Never a command of ours, and no start of a workflow. */
export const notRun: readonly { readonly begins: string; readonly because: string }[] = [
  {
    begins: 'npm ci',
    because: 'installs the packages that this test stands on, and then runs all tests or a rehearsal',
  },
  { begins: 'npm run dev', because: 'stays until it is stopped: test/worker/dev.test.ts' },
  { begins: 'npm run e2e:cluster', because: 'takes a cluster of its own: test/e2e/cluster, in test:cluster' },
  { begins: 'export MSSQL_SA_PASSWORD=…', because: 'a secret of the reader' },
  { begins: 'export KUBECONFIG=', because: 'the cluster of the reader' },
  { begins: 'MSSQL_CONTRACT_URL=', because: 'takes a real SQL Server' },
  { begins: 'docker ', because: 'takes Docker, and the image of a real SQL Server' },
  { begins: 'kind ', because: 'takes Docker' },
  { begins: 'kubectl ', because: 'takes a cluster: test/deploy/cluster' },
  { begins: 'helm ', because: 'takes a cluster: test/deploy/cluster' },
  { begins: 'pitr() {', because: 'takes a cluster; pitr is our command line here' },
  { begins: 'temporal worker deployment ', because: 'takes a worker with a build id: test/worker/queue.test.ts' },
  { begins: 'source <(mssql-pitr completion zsh)', because: 'zsh is not everywhere: test/client/completion.test.ts' },
];
