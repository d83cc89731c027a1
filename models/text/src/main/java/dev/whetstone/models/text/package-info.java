/**
 * Text side of a model: tokenizer, chat template (own Jinja interpreter in {@code jinja}), loss
 * mask. No tensors.
 */
package dev.whetstone.models.text;
