//! MyApp with kube-rs, as its examples do it: server-side apply of everything at every pass, a status patch when it differs.
//! WORKERS: passes at a time (0, the default: no limit).
use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::StreamExt;
use k8s_openapi::{
    api::{
        apps::v1::{Deployment, DeploymentSpec},
        core::v1::{Container, ContainerPort, PodSpec, PodTemplateSpec, Service, ServicePort, ServiceSpec},
    },
    apimachinery::pkg::{
        apis::meta::v1::{Condition, LabelSelector, ObjectMeta, Time},
        util::intstr::IntOrString,
    },
    jiff::Timestamp,
};
use kube::{
    Api, Client, CustomResource, Resource, ResourceExt,
    api::{Patch, PatchParams},
    runtime::{
        controller::{Action, Config, Controller},
        watcher,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "example.dev", version = "v1", kind = "MyApp", namespaced, status = "MyAppStatus")]
struct MyAppSpec {
    image: String,
    port: i32,
    replicas: i32,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MyAppStatus {
    #[serde(default)]
    conditions: Vec<Condition>,
    observed_generation: Option<i64>,
    #[serde(default)]
    ready_replicas: i32,
}

struct Context {
    client: Client,
}

type Labels = BTreeMap<String, String>;

fn labels(app: &MyApp) -> Labels {
    Labels::from([("app".into(), app.name_any())])
}

fn child(app: &MyApp) -> ObjectMeta {
    ObjectMeta {
        name: Some(app.name_any()),
        namespace: app.namespace(),
        labels: Some(labels(app)),
        owner_references: app.controller_owner_ref(&()).map(|owner| vec![owner]),
        ..ObjectMeta::default()
    }
}

fn deployment(app: &MyApp) -> Deployment {
    let port = ContainerPort { container_port: app.spec.port, ..ContainerPort::default() };
    let container = Container {
        name: "app".into(),
        image: Some(app.spec.image.clone()),
        ports: Some(vec![port]),
        ..Container::default()
    };
    let template = PodTemplateSpec {
        metadata: Some(ObjectMeta { labels: Some(labels(app)), ..ObjectMeta::default() }),
        spec: Some(PodSpec { containers: vec![container], ..PodSpec::default() }),
    };
    let spec = DeploymentSpec {
        replicas: Some(app.spec.replicas),
        selector: LabelSelector { match_labels: Some(labels(app)), ..LabelSelector::default() },
        template,
        ..DeploymentSpec::default()
    };
    Deployment { metadata: child(app), spec, ..Deployment::default() }
}

fn service(app: &MyApp) -> Service {
    let port = ServicePort {
        port: app.spec.port,
        target_port: Some(IntOrString::Int(app.spec.port)),
        ..ServicePort::default()
    };
    let spec = ServiceSpec { selector: Some(labels(app)), ports: Some(vec![port]), ..ServiceSpec::default() };
    Service { metadata: child(app), spec: Some(spec), ..Service::default() }
}

fn status(app: &MyApp, ready: i32) -> MyAppStatus {
    let (state, reason) = if ready >= app.spec.replicas { ("True", "Available") } else { ("False", "Progressing") };
    let before = app.status.iter().flat_map(|status| &status.conditions);
    let since = before.filter(|old| old.type_ == "Ready" && old.status == state).map(|old| old.last_transition_time.clone()).next();
    // Whole seconds: that is how it comes back, and a difference would be written for ever.
    let now = || Time(Timestamp::from_second(Timestamp::now().as_second()).expect("the present is in range"));
    MyAppStatus {
        conditions: vec![Condition {
            type_: "Ready".into(),
            status: state.into(),
            reason: reason.into(),
            message: String::new(),
            observed_generation: app.meta().generation,
            last_transition_time: since.unwrap_or_else(now),
        }],
        observed_generation: app.meta().generation,
        ready_replicas: ready,
    }
}

async fn reconcile(app: Arc<MyApp>, context: Arc<Context>) -> Result<Action, kube::Error> {
    let (name, namespace) = (app.name_any(), app.namespace().unwrap_or_default());
    let client = &context.client;
    let apply = PatchParams::apply("myapp-operator").force();

    let deployments: Api<Deployment> = Api::namespaced(client.clone(), &namespace);
    let live = deployments.patch(&name, &apply, &Patch::Apply(deployment(&app))).await?;
    let services: Api<Service> = Api::namespaced(client.clone(), &namespace);
    services.patch(&name, &apply, &Patch::Apply(service(&app))).await?;

    let ready = live.status.and_then(|status| status.ready_replicas).unwrap_or_default();
    let wanted = status(&app, ready);
    if app.status.as_ref() != Some(&wanted) {
        let apps: Api<MyApp> = Api::namespaced(client.clone(), &namespace);
        let patch = Patch::Merge(serde_json::json!({ "status": wanted }));
        apps.patch_status(&name, &PatchParams::default(), &patch).await?;
    }
    Ok(Action::await_change())
}

fn on_error(_: Arc<MyApp>, error: &kube::Error, _: Arc<Context>) -> Action {
    tracing::warn!("a pass failed: {error}");
    Action::requeue(Duration::from_secs(5))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt::init();
    let client = Client::try_default().await?;
    let workers = std::env::var("WORKERS").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let everywhere = watcher::Config::default;
    Controller::new(Api::<MyApp>::all(client.clone()), everywhere())
        .owns(Api::<Deployment>::all(client.clone()), everywhere())
        .owns(Api::<Service>::all(client.clone()), everywhere())
        .with_config(Config::default().concurrency(workers))
        .shutdown_on_signal()
        .run(reconcile, on_error, Arc::new(Context { client }))
        .for_each(async |result| match result {
            Ok((app, _)) => tracing::info!("reconciled {app}"),
            Err(error) => tracing::warn!("{error}"),
        })
        .await;
    Ok(())
}
