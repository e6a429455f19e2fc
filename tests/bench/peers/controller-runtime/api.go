package main

import (
	"cmp"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GROUP lets ten copies of this operator run side by side, each with a kind of its own.
var groupVersion = schema.GroupVersion{Group: cmp.Or(os.Getenv("GROUP"), "example.dev"), Version: "v1"}

type MyApp struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              MyAppSpec   `json:"spec"`
	Status            MyAppStatus `json:"status,omitempty"`
}

type MyAppSpec struct {
	Image    string `json:"image"`
	Port     int32  `json:"port"`
	Replicas int32  `json:"replicas"`
}

type MyAppStatus struct {
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	ReadyReplicas      int32              `json:"readyReplicas,omitempty"`
}

type MyAppList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []MyApp `json:"items"`
}

func addToScheme(scheme *runtime.Scheme) error {
	metav1.AddToGroupVersion(scheme, groupVersion)
	scheme.AddKnownTypes(groupVersion, &MyApp{}, &MyAppList{})
	return nil
}

// The rest is what controller-gen writes for such types.

func (s *MyAppStatus) copyInto(out *MyAppStatus) {
	*out = *s
	if s.Conditions != nil {
		out.Conditions = make([]metav1.Condition, len(s.Conditions))
		for i := range s.Conditions {
			s.Conditions[i].DeepCopyInto(&out.Conditions[i])
		}
	}
}

func (a *MyApp) copyInto(out *MyApp) {
	*out = *a
	a.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	a.Status.copyInto(&out.Status)
}

func (a *MyApp) DeepCopyObject() runtime.Object {
	out := new(MyApp)
	a.copyInto(out)
	return out
}

func (l *MyAppList) DeepCopyObject() runtime.Object {
	out := new(MyAppList)
	*out = *l
	l.ListMeta.DeepCopyInto(&out.ListMeta)
	if l.Items != nil {
		out.Items = make([]MyApp, len(l.Items))
		for i := range l.Items {
			l.Items[i].copyInto(&out.Items[i])
		}
	}
	return out
}
