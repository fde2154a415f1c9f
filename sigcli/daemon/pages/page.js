"use strict";

// Only text nodes are made of what the server says: nothing of it becomes markup.
function element(name, members, ...children) {
  const made = Object.assign(document.createElement(name), members || {});
  made.append(...children);
  return made;
}

// An example of a value that the schema takes.
function example(schema) {
  if (!schema) return null;
  if (schema.enum) return schema.enum[0];
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object" || schema.properties) {
    const made = {};
    for (const [name, one] of Object.entries(schema.properties || {})) {
      if ((schema.required || []).includes(name)) made[name] = example(one);
    }
    return made;
  }
  if (type === "array") return [example(schema.items)];
  return { integer: 0, number: 0, boolean: false }[type] ?? "";
}

async function send(method, path, inputs, body, output) {
  let place = path;
  const query = new URLSearchParams();
  for (const { parameter, input } of inputs) {
    if (parameter.in === "path") {
      place = place.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    } else if (input.value !== "") {
      const words = parameter.schema.type === "array" ? input.value.split(/[\s,]+/) : [input.value];
      words.forEach((word) => query.append(parameter.name, word));
    }
  }
  // Relative to this page, so that a path prefix with a token stays.
  const base = document.location.pathname.replace(/\/[^/]+\/[^/]+$/, "");
  const options = { method, headers: {} };
  const token = document.getElementById("token").value;
  if (token) options.headers.Authorization = `Bearer ${token}`;
  if (body && body.value.trim()) {
    options.body = body.value;
    options.headers["Content-Type"] = "application/json";
  }
  output.replaceChildren("…");
  try {
    const answer = await fetch(base + place + (query.size ? `?${query}` : ""), options);
    const head = `${answer.status} ${answer.statusText}\n`;
    const type = answer.headers.get("content-type") || "";
    if (type.startsWith("image/")) {
      const reader = new FileReader();
      reader.onload = () => output.replaceChildren(head, element("img", { src: reader.result, alt: "" }));
      reader.readAsDataURL(await answer.blob());
      return;
    }
    const text = await answer.text();
    let shown = text;
    if (type.includes("json")) shown = JSON.stringify(JSON.parse(text), null, 2);
    output.replaceChildren(head + shown);
  } catch (error) {
    output.replaceChildren(String(error));
  }
}

function route(path, method, operation) {
  const inputs = (operation.parameters || []).map((parameter) => ({
    parameter,
    input: element("input", { placeholder: parameter.description || "" }),
  }));
  const schema = operation.requestBody?.content["application/json"].schema;
  const body = schema && element("textarea", { value: JSON.stringify(example(schema), null, 2) });
  const output = element("pre");
  const button = element("button", { type: "button" }, "Send");
  button.addEventListener("click", () => send(method.toUpperCase(), path, inputs, body, output));
  const box = element("details", {}, element("summary", {},
    element("b", {}, method.toUpperCase()), element("code", {}, path), operation.summary || ""));
  for (const { parameter, input } of inputs) {
    box.append(element("label", {}, parameter.name + (parameter.required ? " *" : ""), input));
  }
  if (body) {
    box.append(element("label", {}, "Body", body));
    box.append(element("details", {}, element("summary", {}, "Schema"),
      element("pre", {}, JSON.stringify(schema, null, 2))));
  }
  box.append(button, output);
  return box;
}

async function show() {
  const described = await (await fetch(document.body.dataset.document)).json();
  document.title = described.info.title;
  document.getElementById("title").textContent = described.info.title;
  document.getElementById("about").textContent = described.info.description;
  const sections = new Map(described.tags.map(({ name }) => [name, element("section", {}, element("h2", {}, name))]));
  for (const [path, methods] of Object.entries(described.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      sections.get(operation.tags[0]).append(route(path, method, operation));
    }
  }
  document.getElementById("routes").replaceChildren(...sections.values());
}

show().catch((error) => document.getElementById("routes").replaceChildren(String(error)));
