/** The custom resource of the corpus as a type table, and one that has a second version and a scale. */
import type { StructType, TypeTable } from "../../schema/types.ts";

const STRING = { type: { scalar: "string" } } as const;
const INTEGER = { type: { scalar: "int64" } } as const;
const struct = (fields: StructType["fields"], more: Partial<StructType> = {}): StructType => ({ fields, ...more });

export const ZOO_TABLE: TypeTable = {
  Zoo: struct({ spec: { type: { struct: "Spec" } }, status: { type: { struct: "Status" } } }),
  Spec: struct({
    animals: { type: { list: { struct: "Animal" }, listType: "map", keys: ["name", "kind"] } },
    tags: { type: { list: { scalar: "string" }, listType: "set" } },
    plan: { type: { list: { struct: "Day" }, listType: "atomic" } },
    owner: { type: { struct: "Owner" } },
    sizes: { type: { map: { scalar: "int64" } } },
    free: { type: { scalar: "any" } },
    port: { type: { scalar: "intOrString" } },
    opened: { type: { scalar: "time" } },
    wide: INTEGER,
    open: { type: { scalar: "boolean" }, default: true },
  }),
  Animal: struct({ name: { ...STRING, required: true }, kind: { ...STRING, default: "cat" }, age: INTEGER, food: { type: { list: { scalar: "string" }, listType: "atomic" } } }),
  Day: struct({ day: STRING, hours: { ...INTEGER, default: 8 } }),
  Owner: struct({ name: STRING, mail: STRING }, { atomic: true }),
  Status: struct({ ready: INTEGER }),
};
