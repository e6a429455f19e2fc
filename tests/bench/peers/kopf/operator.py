"""MyApp with kopf: indices as a cache, the official client in plain (threaded) handlers.

WORKERS: handlers at a time (kopf's default).
"""
import os
from datetime import datetime, timezone

import kopf
import kubernetes
from kubernetes.client import AppsV1Api, CoreV1Api, CustomObjectsApi

API = ('example.dev', 'v1', 'myapps')
OURS = {'app.kubernetes.io/managed-by': 'myapp-operator'}


@kopf.on.startup()
def set_up(settings: kopf.OperatorSettings, **_):
    kubernetes.config.load_kube_config()
    if workers := os.environ.get('WORKERS'):
        settings.execution.max_workers = int(workers)


@kopf.index(*API)
def apps(namespace, name, body, **_):
    return {(namespace, name): body}


@kopf.index('apps', 'v1', 'deployments', labels=OURS)
def deployments(namespace, name, spec, status, **_):
    container = spec['template']['spec']['containers'][0]
    seen = (spec['replicas'], container['image'], container['ports'][0]['containerPort'])
    return {(namespace, name): (seen, status.get('readyReplicas', 0))}


@kopf.index('', 'v1', 'services', labels=OURS)
def services(namespace, name, spec, **_):
    return {(namespace, name): spec['ports'][0]['port']}


def first(index, key):
    """What an index has of one object, or None."""
    return next(iter(index.get(key, ())), None)


def child(app, spec):
    """An object with the app's name, owned by it."""
    name = app['metadata']['name']
    body = {'metadata': {'name': name, 'labels': {'app': name, **OURS}}, 'spec': spec}
    kopf.adopt(body, owner=app)
    return body


def ensure_deployment(app, live):
    name, namespace, spec = app['metadata']['name'], app['metadata']['namespace'], app['spec']
    if live is not None and live[0] == (spec['replicas'], spec['image'], spec['port']):
        return
    labels = {'app': name}
    container = {'name': 'app', 'image': spec['image'], 'ports': [{'containerPort': spec['port']}]}
    body = child(app, {
        'replicas': spec['replicas'], 'selector': {'matchLabels': labels},
        'template': {'metadata': {'labels': labels}, 'spec': {'containers': [container]}},
    })
    if live is None:
        AppsV1Api().create_namespaced_deployment(namespace, body)
    else:
        AppsV1Api().patch_namespaced_deployment(name, namespace, body)


def ensure_service(app, live):
    name, namespace, port = app['metadata']['name'], app['metadata']['namespace'], app['spec']['port']
    if live == port:
        return
    body = child(app, {'selector': {'app': name}, 'ports': [{'port': port, 'targetPort': port}]})
    if live is None:
        CoreV1Api().create_namespaced_service(namespace, body)
    else:
        CoreV1Api().patch_namespaced_service(name, namespace, body)


def new_status(app, ready):
    """The status that the app should have, or None if it has it."""
    generation = app['metadata']['generation']
    state, reason = ('True', 'Available') if ready >= app['spec']['replicas'] else ('False', 'Progressing')
    old = app.get('status', {})
    before = next((c for c in old.get('conditions', ()) if c['type'] == 'Ready'), {})
    same = before.get('status') == state
    if same and old.get('observedGeneration') == generation and old.get('readyReplicas') == ready:
        return None
    since = before['lastTransitionTime'] if same else datetime.now(timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    condition = {
        'type': 'Ready', 'status': state, 'reason': reason, 'message': '',
        'observedGeneration': generation, 'lastTransitionTime': since,
    }
    return {'readyReplicas': ready, 'observedGeneration': generation, 'conditions': [condition]}


def bring_in_line(app, deployments, services):
    key = (app['metadata']['namespace'], app['metadata']['name'])
    live = first(deployments, key)
    ensure_deployment(app, live)
    ensure_service(app, first(services, key))
    return new_status(app, live[1] if live else 0)


@kopf.on.create(*API)
@kopf.on.update(*API)
@kopf.on.resume(*API)
def reconcile(body, patch, deployments, services, **_):
    if status := bring_in_line(body, deployments, services):
        patch.status.update(status)


def is_change(type, **_):
    """Additions are our own, or belong to the first list, of which on.resume takes care."""
    return type in ('MODIFIED', 'DELETED')


@kopf.on.event('apps', 'v1', 'deployments', labels=OURS, when=is_change)
@kopf.on.event('', 'v1', 'services', labels=OURS, when=is_change)
def child_changed(namespace, name, apps, deployments, services, **_):
    app = first(apps, (namespace, name))
    if app is not None and (status := bring_in_line(app, deployments, services)):
        CustomObjectsApi().patch_namespaced_custom_object_status(*API[:2], namespace, API[2], name, {'status': status})
