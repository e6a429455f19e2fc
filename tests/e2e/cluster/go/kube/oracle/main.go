// Oracle answers, line by line, what the API server's own code makes of a body: decoded into Go's types strictly, through
// protobuf as on its way to storage, and written as JSON again - without defaulting, validation or a server.
// Tests of host/cluster/schema compare with it; tests/support/schema-oracle.ts builds and runs it.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// Question is one line of input.
type Question struct {
	Group   string `json:"group"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
	Body    string `json:"body"`
	// Quantity, where it is set, is all that is asked: its canonical text.
	Quantity *string `json:"quantity"`
}

// Answer is one line of output.
type Answer struct {
	Error  string   `json:"error,omitempty"`
	Strict []string `json:"strict,omitempty"`
	// Object is what came out, as JSON text.
	Object string `json:"object,omitempty"`
	// Protobuf is what a client would send that sends protobuf: of the object before it went through protobuf.
	Protobuf []byte `json:"protobuf,omitempty"`
}

func main() {
	for _, add := range []func(*runtime.Scheme) error{apiextensions.AddToScheme, apiregistration.AddToScheme} {
		if err := add(scheme.Scheme); err != nil {
			panic(err)
		}
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		var question Question
		if err := json.Unmarshal(lines.Bytes(), &question); err != nil {
			panic(err)
		}
		if err := encoder.Encode(answer(question)); err != nil {
			panic(err)
		}
		if err := out.Flush(); err != nil {
			panic(err)
		}
	}
}

func answer(question Question) Answer {
	if question.Quantity != nil {
		parsed, err := resource.ParseQuantity(*question.Quantity)
		if err != nil {
			return Answer{Error: err.Error()}
		}
		return Answer{Object: parsed.String()}
	}
	kind := schema.GroupVersionKind{Group: question.Group, Version: question.Version, Kind: question.Kind}
	into, err := scheme.Scheme.New(kind)
	if err != nil {
		return Answer{Error: err.Error()}
	}
	serializer := kjson.NewSerializerWithOptions(kjson.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, kjson.SerializerOptions{Strict: true})
	decoded, _, err := serializer.Decode([]byte(question.Body), &kind, into)
	made := Answer{}
	if strict, ok := runtime.AsStrictDecodingError(err); ok {
		for _, each := range strict.Errors() {
			made.Strict = append(made.Strict, each.Error())
		}
	} else if err != nil {
		return Answer{Error: err.Error()}
	}
	decoded.GetObjectKind().SetGroupVersionKind(kind)
	wire := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme)
	var sent bytes.Buffer
	if err := wire.Encode(decoded, &sent); err != nil {
		return Answer{Error: "protobuf: " + err.Error()}
	}
	made.Protobuf = sent.Bytes()
	stored, _, err := wire.Decode(sent.Bytes(), &kind, nil)
	if err != nil {
		return Answer{Error: "protobuf: " + err.Error()}
	}
	stored.GetObjectKind().SetGroupVersionKind(kind)
	var written bytes.Buffer
	if err := serializer.Encode(stored, &written); err != nil {
		return Answer{Error: "json: " + err.Error()}
	}
	made.Object = written.String()
	return made
}
