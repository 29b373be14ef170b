# Three stages: what `npm publish` would publish, what it depends on, and both on a bare Node.
#
# Debian and not Alpine: for Debian's libc lmdb brings a build for this Node's own binary interface, for
# Alpine's only the general one. Node 22 because it is the newest that lmdb has such a build for.
ARG NODE=node:22-bookworm-slim

FROM ${NODE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
# No package needs its scripts here, and our own `prepare` would build before there is anything to build.
RUN npm ci --ignore-scripts
COPY LICENSE tsconfig.json tsconfig.build.json ./
COPY protos protos
COPY protocol protocol
COPY bridge bridge
COPY server server
COPY client client
COPY cli cli
RUN npm run build && chmod 0755 dist/cli/main.js
# Packing decides what goes into the image, so that image and package cannot come to differ.
RUN npm pack --ignore-scripts && mkdir /package && tar -xzf foghorn-*.tgz -C /package --strip-components=1

FROM ${NODE} AS dependencies
WORKDIR /dependencies
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM ${NODE}
# Owned by the user that the image runs as; a new volume in one of these places takes that over. The root
# file system may be read-only when they are mounted: sockets, the embedded store, spools of publishers.
RUN install -d -o 1000 -g 1000 -m 0750 /run/foghorn /var/lib/foghorn /var/spool/foghorn \
    && ln -s /opt/foghorn/dist/cli/main.js /usr/local/bin/foghorn
COPY --from=dependencies /dependencies/node_modules /opt/foghorn/node_modules
COPY --from=build /package /opt/foghorn
# Only the socket: whoever reaches a TCP port may publish and read, so a port is opened on purpose or not at all.
ENV NODE_ENV=production \
    FOGHORN_ADDRESS=unix:///run/foghorn/foghorn.sock \
    FOGHORN_GRPC=unix:///run/foghorn/foghorn.sock \
    FOGHORN_DOCKER=unix:///run/foghorn/docker.sock \
    FOGHORN_STORE=lmdb:/var/lib/foghorn
# A number, because that is all a platform can check when it forbids root.
USER 1000:1000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["foghorn", "describe"]
# Without a shell in between, the broker itself gets the signals.
ENTRYPOINT ["foghorn"]
CMD ["serve"]
