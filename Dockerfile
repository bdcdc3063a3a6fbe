# DOX in one image; Dox__Modules chooses which modules a container hosts. Builds with the classic builder and with BuildKit:
#   docker build --tag dox/workflow-orchestrator .

# Only what restore reads, so that a change of source leaves the layer with the packages alone
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS projects
WORKDIR /src
COPY . .
RUN find . -type f ! -name '*.csproj' ! -name 'Directory.*' ! -name global.json -delete && find . -type d -empty -delete

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY --from=projects /src .
RUN dotnet restore Dox.Host/Dox.Host.csproj
COPY . .
RUN dotnet publish Dox.Host/Dox.Host.csproj --configuration Release --no-restore --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
LABEL org.opencontainers.image.title="DOX" org.opencontainers.image.description="Document workflow engine"
# Pages, text and codes of scanned documents; curl asks for the health
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends curl dmtx-utils poppler-utils tesseract-ocr tesseract-ocr-deu tesseract-ocr-eng >/dev/null \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app .
# The user "app" of the base image. A new volume takes over the folder's owner.
RUN mkdir /data && chown 1654:1654 /data
USER 1654:1654
ENV SERVICE_PORT=5000 DOX_DATA_PATH=/data
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD curl --fail --silent --output /dev/null "http://127.0.0.1:$SERVICE_PORT/health/live" || exit 1
ENTRYPOINT ["dotnet", "Dox.Host.dll"]
