// Facts prints, as JSON, how Go's own types of the Kubernetes API are built: what a server decodes into and encodes from.
// host/cluster/schema/facts/reduce.ts joins it with what a running API server says of itself. From the module's folder:
//
//	go run ./facts > facts-of-types.json
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"runtime/debug"
	"strconv"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsbeta "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	apiregistrationbeta "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1beta1"
)

// Kind is one Go type that the scheme knows by name.
type Kind struct {
	Group   string `json:"group"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
	Type    string `json:"type"`
}

// Struct is a Go struct with its JSON members in Go's order. Embedded structs (json:",inline") are Fields without a name.
type Struct struct {
	// Go's own spelling, "v1.PodSpec".
	Go     string  `json:"go"`
	Fields []Field `json:"fields"`
}

// Field is one JSON member.
type Field struct {
	Name string `json:"name,omitempty"`
	Type Type   `json:"type"`
	// Omit is "", "empty" or "zero" after the tag's omitempty and omitzero.
	Omit string `json:"omit,omitempty"`
	// Number and Wire are those of the protobuf message; 0 where the field is no part of it.
	Number        int    `json:"number,omitempty"`
	Wire          string `json:"wire,omitempty"`
	PatchStrategy string `json:"patchStrategy,omitempty"`
	PatchMergeKey string `json:"patchMergeKey,omitempty"`
}

// Type is a Go type: exactly one of Struct, Special, Scalar, List and Map is set.
type Type struct {
	Pointer bool `json:"pointer,omitempty"`
	// Go's own spelling where it is not the plain scalar, list or map: "v1.Protocol", "v1.ResourceList".
	Named string `json:"named,omitempty"`
	// Struct is a name in the table of types, with its package.
	Struct string `json:"struct,omitempty"`
	// Special types read and write their JSON by code of their own.
	Special string `json:"special,omitempty"`
	Scalar  string `json:"scalar,omitempty"`
	List    *Type  `json:"list,omitempty"`
	Map     *Type  `json:"map,omitempty"`
	// Key is Go's spelling of a map's key where it is no plain string: "v1.ResourceName".
	Key string `json:"key,omitempty"`
}

// Facts is all that is printed.
type Facts struct {
	Versions map[string]string `json:"versions"`
	Kinds    []Kind            `json:"kinds"`
	Types    map[string]Struct `json:"types"`
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

func main() {
	known := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		scheme.AddToScheme, apiextensions.AddToScheme, apiextensionsbeta.AddToScheme, apiregistration.AddToScheme, apiregistrationbeta.AddToScheme,
	} {
		if err := add(known); err != nil {
			panic(err)
		}
	}
	facts := Facts{Versions: versions(), Types: map[string]Struct{}}
	for kind, goType := range known.AllKnownTypes() {
		if kind.Version == runtime.APIVersionInternal || goType.PkgPath() == reflect.TypeFor[metav1.Time]().PkgPath() && kind.Version != "v1" {
			continue
		}
		facts.Kinds = append(facts.Kinds, Kind{kind.Group, kind.Version, kind.Kind, facts.add(goType)})
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(facts); err != nil {
		panic(err)
	}
}

func versions() map[string]string {
	found := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if strings.HasPrefix(module.Path, "k8s.io/api") {
				if module.Replace != nil {
					module = module.Replace
				}
				found[module.Path] = module.Version
			}
		}
	}
	return found
}

// Adds a struct and all that it reaches; returns its name in the table.
func (facts *Facts) add(goType reflect.Type) string {
	name := goType.PkgPath() + "." + goType.Name()
	if _, ok := facts.Types[name]; ok {
		return name
	}
	facts.Types[name] = Struct{} // Types may contain themselves.
	made := Struct{Go: goType.String()}
	for i := range goType.NumField() {
		if field, ok := facts.field(goType.Field(i)); ok {
			made.Fields = append(made.Fields, field)
		}
	}
	facts.Types[name] = made
	return name
}

func (facts *Facts) field(goField reflect.StructField) (Field, bool) {
	tag := strings.Split(goField.Tag.Get("json"), ",")
	if tag[0] == "-" || !goField.IsExported() {
		return Field{}, false
	}
	field := Field{
		Name:          tag[0],
		Type:          facts.typeOf(goField.Type),
		PatchStrategy: goField.Tag.Get("patchStrategy"),
		PatchMergeKey: goField.Tag.Get("patchMergeKey"),
	}
	if tag[0] == "" && !goField.Anonymous {
		field.Name = goField.Name
	}
	for _, option := range tag[1:] {
		if option == "omitempty" || option == "omitzero" {
			field.Omit += strings.TrimPrefix(option, "omit")
		}
	}
	if wire := strings.Split(goField.Tag.Get("protobuf"), ","); len(wire) > 1 {
		field.Wire = wire[0]
		field.Number, _ = strconv.Atoi(wire[1])
	}
	return field, true
}

func (facts *Facts) typeOf(goType reflect.Type) Type {
	if goType.Kind() == reflect.Pointer {
		pointed := facts.typeOf(goType.Elem())
		pointed.Pointer = true
		return pointed
	}
	if reflect.PointerTo(goType).Implements(unmarshaler) {
		return Type{Special: goType.String()}
	}
	named := ""
	if goType.Name() != "" && goType.PkgPath() != "" {
		named = goType.String()
	}
	switch goType.Kind() {
	case reflect.Struct:
		return Type{Struct: facts.add(goType)}
	case reflect.Slice:
		if goType.Elem().Kind() == reflect.Uint8 {
			return Type{Scalar: "bytes", Named: named}
		}
		item := facts.typeOf(goType.Elem())
		return Type{List: &item, Named: named}
	case reflect.Map:
		if goType.Key().Kind() != reflect.String {
			panic("a map by " + goType.Key().String())
		}
		value := facts.typeOf(goType.Elem())
		made := Type{Map: &value, Named: named}
		if key := goType.Key().String(); key != "string" {
			made.Key = key
		}
		return made
	case reflect.String, reflect.Bool, reflect.Int32, reflect.Int64, reflect.Int, reflect.Float64, reflect.Uint64, reflect.Uint32, reflect.Uint8, reflect.Interface:
		return Type{Scalar: goType.Kind().String(), Named: named}
	}
	panic("no rule for " + goType.String())
}
