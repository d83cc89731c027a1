/**
 * Model hubs over HTTP: {@link dev.whetstone.models.engine.hub.remote.HubFetch} brings a
 * repository's files into the cache, {@link dev.whetstone.models.engine.hub.remote.HubPush} takes a
 * folder there. A hub's own API is one file ({@code HuggingFaceApi}, {@code ModelScopeApi}); what
 * all share is beneath it: {@code HubHttp} (redirects, tokens, patience), {@code Downloads} (chunks
 * in parallel) and {@code PartFile} (what survives a kill).
 */
package dev.whetstone.models.engine.hub.remote;
