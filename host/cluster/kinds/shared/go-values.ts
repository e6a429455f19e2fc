/**
 * Structures as the real server shows them in complaints. Its inner types have no JSON names: it tells them by their Go
 * names, in Go's order, nothing left out.
 */
type Loose = { readonly [field: string]: unknown };

/** `fields`: Go's name, or "Name=jsonName:zero" where JSON's isn't the same with a small letter or an absent field isn't null. */
export function goStruct(value: object, fields: string): Loose {
  const shown: { [name: string]: unknown } = {};
  for (const field of fields.split(" ")) {
    const [, name = "", json = name[0]!.toLowerCase() + name.slice(1), zero = "null"] = /^(\w+)(?:=(\w+))?(?::(.*))?$/.exec(field)!;
    shown[name] = (value as Loose)[json] ?? JSON.parse(zero);
  }
  return shown;
}

export const showSeccompProfile = (value: object): Loose => goStruct(value, "Type:\"\" LocalhostProfile");
export const showSecurityContext = (value: object): Loose => {
  const shown: { [name: string]: unknown } = { ...goStruct(value, "Capabilities Privileged SELinuxOptions=seLinuxOptions WindowsOptions RunAsUser RunAsGroup RunAsNonRoot ReadOnlyRootFilesystem AllowPrivilegeEscalation ProcMount SeccompProfile AppArmorProfile") };
  const inner = (name: string, fields: string): void => { if (shown[name] !== null) shown[name] = goStruct(shown[name] as object, fields); };
  inner("Capabilities", "Add Drop");
  inner("SELinuxOptions", "User:\"\" Role:\"\" Type:\"\" Level:\"\"");
  inner("WindowsOptions", "GMSACredentialSpecName=gmsaCredentialSpecName GMSACredentialSpec=gmsaCredentialSpec RunAsUserName HostProcess");
  inner("SeccompProfile", "Type:\"\" LocalhostProfile");
  inner("AppArmorProfile", "Type:\"\" LocalhostProfile");
  return shown;
};
export const showPodResourceClaim = (value: object): Loose => goStruct(value, "Name:\"\" ResourceClaimName ResourceClaimTemplateName");
