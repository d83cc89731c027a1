/**
 * How the next token is chosen and when a text ends: plain functions on logits, tokens and text,
 * without tensors.
 */
package dev.whetstone.models.engine.generation;
