/**
 * What people type: each script is a list of kubectl command lines, run in one namespace, in order. `< NAME` feeds a file of
 * `FILES` to the command.
 */
export const FILES: { readonly [name: string]: string } = {
  "web.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "nginx:1.29", ports: [{containerPort: 80}], env: [{name: A, value: "1"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: "1", b: "2"}
`,
  "web-2.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, tier: front}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "nginx:1.30", ports: [{containerPort: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: "1", c: "3"}
`,
  "typo.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: typo}
spec:
  replica: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.29"}]}
`,
  "wrong.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: wrong}
spec:
  replicas: two
  selector: {matchLabels: {app: other}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: Web, image: "nginx:1.29"}]}
`,
  "unknown.yaml": "apiVersion: example.dev/v1\nkind: Nothing\nmetadata: {name: x}\n",
  "definition.yaml": `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shelves.example.dev}
spec:
  group: example.dev
  scope: Namespaced
  names: {plural: shelves, singular: shelf, kind: Shelf, shortNames: [sh], categories: [all]}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
      additionalPrinterColumns:
        - {name: Books, type: integer, jsonPath: .spec.books}
        - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [books]
              properties:
                books: {type: integer, minimum: 0}
                replicas: {type: integer}
                labels: {type: object, additionalProperties: {type: string}}
            status: {type: object, properties: {replicas: {type: integer}}}
`,
  "shelf.yaml": "apiVersion: example.dev/v1\nkind: Shelf\nmetadata: {name: top}\nspec: {books: 3, labels: {a: b}}\n",
  "shelf-2.yaml": "apiVersion: example.dev/v1\nkind: Shelf\nmetadata: {name: top}\nspec: {books: 4}\n",
  "shelf-wrong.yaml": "apiVersion: example.dev/v1\nkind: Shelf\nmetadata: {name: bad}\nspec: {books: -1, foo: 1}\n",
};

export const SCRIPTS: { readonly [name: string]: readonly string[] } = {
  "apply and diff": [
    "apply -f - < web.yaml", "apply -f - < web.yaml", "diff -f - < web-2.yaml", "apply -f - < web-2.yaml", "get deployment web -o yaml", "get configmap settings -o jsonpath={.data}", "apply -f - --server-side --field-manager=ops < web.yaml",
    "apply -f - --server-side --field-manager=ops --force-conflicts < web.yaml", "get deploy,svc,cm", "get deploy web -o wide", "get deploy web -o json", "delete -f - < web.yaml", "get deploy",
  ],
  mistakes: [
    "apply -f - < typo.yaml", "apply -f - --validate=ignore < typo.yaml", "apply -f - --validate=warn --dry-run=server < typo.yaml", "apply -f - < wrong.yaml", "apply -f - < unknown.yaml", "get nothing", "get pods missing", "get pods -n missing", "delete deploy missing", "create configmap UPPER", "create deployment x", "get pods -l '=='", "get pods --field-selector foo=bar",
    "patch deploy missing -p '{}'", "label configmap missing a=b", "scale deploy missing --replicas=2",
  ],
  "small changes": [
    "create configmap c --from-literal=a=1", "create configmap c --from-literal=a=1", "label configmap c team=x", "label configmap c team=y", "label configmap c team=y --overwrite", "label configmap c team-", "annotate configmap c note=hello", "get cm c --show-labels", "get cm c -o yaml",
    "patch cm c --type=merge -p '{\"data\":{\"b\":\"2\"}}'", "patch cm c --type=json -p '[{\"op\":\"remove\",\"path\":\"/data/a\"}]'", "patch cm c --type=json -p '[{\"op\":\"remove\",\"path\":\"/data/nothing\"}]'", "get cm c -o jsonpath={.data}", "create secret generic s --from-literal=p=secret", "get secret s -o yaml", "get secrets", "describe secret s", "describe configmap c",
    "create serviceaccount sa", "get sa", "create role r --verb=get --resource=pods", "create rolebinding rb --role=r --serviceaccount=default:sa", "describe role r", "describe rolebinding rb", "get role,rolebinding", "create quota q --hard=pods=3", "describe quota q", "delete cm c", "get cm c",
  ],
  workloads: [
    "create deployment web --image=nginx:1.29 --replicas=2 --port=80", "scale deployment web --replicas=5", "scale deployment web --replicas=1 --current-replicas=9", "set image deployment/web nginx=nginx:1.30", "set env deployment/web A=1", "set resources deployment/web --limits=cpu=200m", "rollout pause deployment/web", "rollout resume deployment/web",
    "expose deployment web --port=80 --target-port=8080", "get svc web -o yaml", "describe service web", "autoscale deployment web --min=1 --max=3 --cpu=50%", "get hpa", "create job j --image=busybox -- sleep 1", "get jobs", "create cronjob cj --image=busybox --schedule='* * * * *' -- date", "get cronjobs", "get cronjob cj -o yaml",
    "run pod --image=nginx:1.29 --labels=a=b", "get pods", "get pod pod -o yaml", "describe pod pod", "create poddisruptionbudget pdb --selector=a=b --min-available=1", "get pdb", "get all", "delete pod pod --grace-period=0 --force", "delete deployment,job,cronjob --all", "get deploy",
  ],
  "custom resources": [
    "apply -f - < definition.yaml", "wait --for=condition=Established crd/shelves.example.dev --timeout=10s", "apply -f - < shelf.yaml", "get shelves", "get sh top -o yaml", "explain shelf.spec", "explain shelf.spec.books", "diff -f - < shelf-2.yaml", "apply -f - < shelf-2.yaml", "apply -f - < shelf-wrong.yaml", "scale shelf top --replicas=3", "patch shelf top --type=merge -p '{\"spec\":{\"books\":\"x\"}}'", "patch shelf top -p '{\"spec\":{\"books\":5}}'", "describe shelf top", "get crd shelves.example.dev", "delete shelf top", "get shelves", "delete crd shelves.example.dev",
  ],
  explain: ["explain deployment.spec.strategy", "explain pod.spec.containers.ports --recursive", "explain nothing", "api-resources --api-group=apps", "api-resources --namespaced=false --api-group=rbac.authorization.k8s.io", "api-versions", "explain cronjob.spec", "explain service.spec.ports"],
  access: ["auth can-i create pods", "auth can-i delete nodes --as=nobody", "auth whoami", "create token default --dry-run=client", "get pods --as=nobody", "create clusterrole reader --verb=get,list --resource=pods", "get clusterrole reader -o yaml", "delete clusterrole reader"],
};
