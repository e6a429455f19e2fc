// Inner prints how the types that an API server works with inside differ from those it serves: their fields, in Go's order,
// by Go's names, which it tells in some complaints. host/cluster/kinds/generated/inner-types.ts is what it prints. From the
// module's folder:
//
//	go run ./inner > ../../../../../host/cluster/kinds/generated/inner-types.ts
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/networking"
	"k8s.io/kubernetes/pkg/apis/policy"
	"k8s.io/kubernetes/pkg/apis/storage"
)

var roots = []struct{ inner, served reflect.Type }{
	{reflect.TypeFor[core.PodTemplateSpec](), reflect.TypeFor[corev1.PodTemplateSpec]()},
	{reflect.TypeFor[core.PersistentVolumeClaimSpec](), reflect.TypeFor[corev1.PersistentVolumeClaimSpec]()},
	{reflect.TypeFor[core.PersistentVolumeSpec](), reflect.TypeFor[corev1.PersistentVolumeSpec]()},
	{reflect.TypeFor[batch.PodFailurePolicy](), reflect.TypeFor[batchv1.PodFailurePolicy]()},
	{reflect.TypeFor[core.Taint](), reflect.TypeFor[corev1.Taint]()},
	{reflect.TypeFor[core.NodeAddress](), reflect.TypeFor[corev1.NodeAddress]()},
	{reflect.TypeFor[core.ObjectReference](), reflect.TypeFor[corev1.ObjectReference]()},
	{reflect.TypeFor[core.EventSource](), reflect.TypeFor[corev1.EventSource]()},
	{reflect.TypeFor[policy.PodDisruptionBudgetSpec](), reflect.TypeFor[policyv1.PodDisruptionBudgetSpec]()},
	{reflect.TypeFor[autoscaling.HorizontalPodAutoscalerBehavior](), reflect.TypeFor[autoscalingv2.HorizontalPodAutoscalerBehavior]()},
	{reflect.TypeFor[networking.ParentReference](), reflect.TypeFor[networkingv1.ParentReference]()},
	{reflect.TypeFor[storage.VolumeAttachmentSpec](), reflect.TypeFor[storagev1.VolumeAttachmentSpec]()},
	{reflect.TypeFor[storage.CSINodeDriver](), reflect.TypeFor[storagev1.CSINodeDriver]()},
	{reflect.TypeFor[batch.SuccessPolicy](), reflect.TypeFor[batchv1.SuccessPolicy]()},
}

var (
	marshaler = reflect.TypeFor[json.Marshaler]()
	meta      = reflect.TypeFor[metav1.ObjectMeta]()
	types     = map[string]string{}
	strange   = map[string]bool{}
)

func main() {
	for _, root := range roots {
		add(root.inner, root.served)
	}
	names := []string{}
	for name := range types {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Println("/** Printed by tests/e2e/cluster/go/kube/inner; how to print it anew is written there. Read by shared/go-form.ts. */")
	fmt.Println("export const INNER_TYPES: { readonly [type: string]: string } = {")
	for _, name := range names {
		fmt.Printf("  %s: %q,\n", name, types[name])
	}
	fmt.Println("};")
	for name := range strange {
		fmt.Fprintln(os.Stderr, "not served:", name)
	}
}

func add(inner, served reflect.Type) string {
	name := inner.Name()
	if _, ok := types[name]; !ok {
		types[name] = "" // Types may contain themselves.
		types[name] = strings.Join(fields(inner, served), " ")
	}
	return name
}

// "GoName:jsonName:form" each; the forms are explained where they are read.
func fields(inner, served reflect.Type) []string {
	found := []string{}
	for i := range inner.NumField() {
		field := inner.Field(i)
		outer, ok := named(served, field.Name)
		if field.Anonymous && field.Type != meta {
			embedded := served
			if ok {
				embedded = outer.Type
			}
			found = append(found, fields(field.Type, embedded)...)
			continue
		}
		if field.Type == meta {
			found = append(found, "ObjectMeta:metadata:meta")
			continue
		}
		json := strings.ToLower(field.Name[:1]) + field.Name[1:]
		outerType := field.Type
		if ok {
			json = strings.Split(outer.Tag.Get("json"), ",")[0]
			outerType = outer.Type
		} else {
			strange[inner.Name()+"."+field.Name] = true
		}
		found = append(found, field.Name+":"+json+":"+form(field.Type, outerType))
	}
	return found
}

// A field of a served type, which may have it in an embedded struct.
func named(served reflect.Type, name string) (reflect.StructField, bool) {
	if served.Kind() != reflect.Struct {
		return reflect.StructField{}, false
	}
	return served.FieldByName(name)
}

func form(inner, served reflect.Type) string {
	switch inner.String() {
	case "resource.Quantity":
		return "quantity"
	case "intstr.IntOrString":
		return "number"
	}
	if inner.Kind() != reflect.Pointer && (inner.Implements(marshaler) || reflect.PointerTo(inner).Implements(marshaler)) {
		return "null"
	}
	if strings.HasPrefix(inner.PkgPath(), "k8s.io/apimachinery/") && inner.Kind() == reflect.Struct {
		return "plain"
	}
	switch inner.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "false"
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Float64:
		return "number"
	case reflect.Struct:
		return "struct." + add(inner, served)
	}
	item := inner.Elem()
	if inner.Kind() == reflect.Map && item.Kind() != reflect.Struct || inner.String() == "core.ResourceList" {
		return "keys"
	}
	if item.Kind() != reflect.Struct || item.Implements(marshaler) || reflect.PointerTo(item).Implements(marshaler) || strings.HasPrefix(item.PkgPath(), "k8s.io/apimachinery/") {
		return "null"
	}
	outer := served
	if served.Kind() == inner.Kind() {
		outer = served.Elem()
	}
	return inner.Kind().String() + "." + add(item, outer)
}
