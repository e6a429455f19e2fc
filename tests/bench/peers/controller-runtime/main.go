// MyApp with controller-runtime, as its book teaches: CreateOrUpdate against the cache, a status update when it differs.
// WORKERS: passes at a time (1). QPS, BURST: the client's own limit (the framework's default). METRICS: port, 0 for none.
package main

import (
	"cmp"
	"context"
	"os"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

type reconciler struct {
	client.Client
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	app := new(MyApp)
	if err := r.Get(ctx, request.NamespacedName, app); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	deployment, err := r.deployment(ctx, app)
	if err == nil {
		err = r.service(ctx, app)
	}
	if err == nil {
		err = r.status(ctx, app, deployment.Status.ReadyReplicas)
	}
	return ctrl.Result{}, err
}

func labelsOf(app *MyApp) map[string]string { return map[string]string{"app": app.Name} }

func childOf(app *MyApp) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: app.Namespace, Name: app.Name}
}

func (r *reconciler) deployment(ctx context.Context, app *MyApp) (*appsv1.Deployment, error) {
	deployment := &appsv1.Deployment{ObjectMeta: childOf(app)}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, deployment, func() error {
		deployment.Labels = labelsOf(app)
		spec := &deployment.Spec
		spec.Replicas = &app.Spec.Replicas
		if spec.Selector == nil { // Immutable once made.
			spec.Selector = &metav1.LabelSelector{MatchLabels: labelsOf(app)}
		}
		spec.Template.Labels = labelsOf(app)
		// Into what is there: a fresh container would drop the server's defaults, and differ at every pass.
		if len(spec.Template.Spec.Containers) != 1 {
			spec.Template.Spec.Containers = []corev1.Container{{}}
		}
		container := &spec.Template.Spec.Containers[0]
		container.Name, container.Image = "app", app.Spec.Image
		if len(container.Ports) != 1 {
			container.Ports = []corev1.ContainerPort{{}}
		}
		container.Ports[0].ContainerPort = app.Spec.Port
		return controllerutil.SetControllerReference(app, deployment, r.Scheme())
	})
	return deployment, err
}

func (r *reconciler) service(ctx context.Context, app *MyApp) error {
	service := &corev1.Service{ObjectMeta: childOf(app)}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, service, func() error {
		service.Labels, service.Spec.Selector = labelsOf(app), labelsOf(app)
		if len(service.Spec.Ports) != 1 {
			service.Spec.Ports = []corev1.ServicePort{{}}
		}
		port := &service.Spec.Ports[0]
		port.Port, port.TargetPort = app.Spec.Port, intstr.FromInt32(app.Spec.Port)
		return controllerutil.SetControllerReference(app, service, r.Scheme())
	})
	return err
}

func (r *reconciler) status(ctx context.Context, app *MyApp, ready int32) error {
	var before MyAppStatus
	app.Status.copyInto(&before)
	condition := metav1.Condition{Type: "Ready", Status: metav1.ConditionFalse, Reason: "Progressing", ObservedGeneration: app.Generation}
	if ready >= app.Spec.Replicas {
		condition.Status, condition.Reason = metav1.ConditionTrue, "Available"
	}
	meta.SetStatusCondition(&app.Status.Conditions, condition)
	app.Status.ObservedGeneration, app.Status.ReadyReplicas = app.Generation, ready
	if equality.Semantic.DeepEqual(&before, &app.Status) {
		return nil
	}
	return r.Status().Update(ctx, app)
}

// number reads a whole number from the environment.
func number(name string, otherwise int) int {
	if value, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return value
	}
	return otherwise
}

func run() error {
	scheme := runtime.NewScheme()
	if err := cmp.Or(clientgoscheme.AddToScheme(scheme), addToScheme(scheme)); err != nil {
		return err
	}
	config := ctrl.GetConfigOrDie()
	if qps := number("QPS", 0); qps > 0 {
		config.QPS, config.Burst = float32(qps), number("BURST", 2*qps)
	}
	address := "0"
	if port := number("METRICS", 18080); port > 0 {
		address = "127.0.0.1:" + strconv.Itoa(port)
	}
	manager, err := ctrl.NewManager(config, ctrl.Options{Scheme: scheme, Metrics: metricsserver.Options{BindAddress: address}})
	if err != nil {
		return err
	}
	err = ctrl.NewControllerManagedBy(manager).
		For(&MyApp{}).Owns(&appsv1.Deployment{}).Owns(&corev1.Service{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: number("WORKERS", 1)}).
		Complete(&reconciler{manager.GetClient()})
	if err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}

func main() {
	ctrl.SetLogger(zap.New())
	if err := run(); err != nil {
		ctrl.Log.Error(err, "the operator failed")
		os.Exit(1)
	}
}
