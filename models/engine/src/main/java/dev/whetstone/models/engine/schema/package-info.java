/**
 * Text that has to be a JSON document of a schema: the schema, the language of its documents, and
 * which tokens of a vocabulary may come next. Plain bytes, without tensors.
 */
package dev.whetstone.models.engine.schema;
