# The commands of this project. `make help` lists them.

SHELL   := /bin/sh
COMMIT  := $(shell git describe --always --dirty --abbrev=7 --exclude '*' 2>/dev/null)
RELAY   := build/bin/latchkey-relay
WEB     := build/bin/latchkey-web
HUB     := build/bin/latchkey

# Wails' tags; Linux names the WebKitGTK it is built for.
HUB_TAGS := desktop,production
ifeq ($(shell uname),Linux)
HUB_TAGS := $(HUB_TAGS),webkit2_41
endif
# The tests use the window where one can be had without a desktop.
ifeq ($(shell uname),Linux)
WINDOW := desktop
endif
# A Linux machine without a display gets the same hub in a browser.
ifeq ($(shell uname)$(DISPLAY)$(WAYLAND_DISPLAY),Linux)
RUN := run-web
else
RUN := run-desktop
endif

# What the programs say of themselves is version and commit, so that the same source
# gives the same bytes. The tags leave out what no query and no email of ours
# uses: pgx's Go types for arrays and ranges, and go-mail's own templates.
TAGS     := nopgxregisterdefaulttypes,gomailnotpl
# Functions begin at a multiple of 16 bytes instead of 32, which saves 250 KB.
LINK     := -s -w -X main.commit=$(COMMIT) -funcalign 16
GO_BUILD := CGO_ENABLED=0 go build -tags $(TAGS) -trimpath -buildvcs=false -ldflags "$(LINK)"
# The relay is one file of less than 32 MB. Inlined calls make the generated pages, the
# demo and the libraries larger by 3 MB, so it does without them; compression, the pages'
# writer, cryptography and SQLite keep them. And it speaks HTTP/1.1: the proxy before it
# has HTTP/2 for browsers, and platforms need none.
SMALL := -tags $(TAGS),nethttpomithttp2 $(foreach p,github.com golang.org \
	net vendor encoding text html regexp database \
	crypto/ecdsa crypto/internal/fips140/ecdsa crypto/internal/fips140/rsa crypto/rsa crypto/tls crypto/x509 \
	archive bufio bytes context errors fmt go image io log math/big mime os path reflect slices sort strconv strings \
	time unicode,-gcflags "$(p)/...=-l") \
	-gcflags modernc.org/sqlite=-l -gcflags "github.com/klauspost/...=" -gcflags "github.com/a-h/...="

# The project's tools, pinned in tools/go.mod: compiled once, then cached.
TOOL := go tool -modfile=tools/go.mod

BROWSER := internal/journey/browser
SDK     := internal/journey/sdk

.DEFAULT_GOAL := help
.PHONY: help run run-web run-desktop dev check test lint fmt generate vuln packages wine components relay screens web desktop windows install gallery docs bench faults clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUN) ## build all, and open the hub on the demo

run-web:
	@echo "there is no display (DISPLAY, WAYLAND_DISPLAY): the hub is served to a browser"
	@sh build/install-deps.sh run
	@$(MAKE) --no-print-directory web
	@echo "starting the hub on the demo; stop it with Ctrl+C"
	@exec $(WEB) --demo

run-desktop:
	@sh build/install-deps.sh desktop
	@$(MAKE) --no-print-directory desktop
	@echo "starting the hub on the demo"
	@exec $(HUB) --demo

dev: frontend/node_modules/.installed ## the hub in a browser on the demo; its screens follow their source
	@echo "building build/bin/latchkey-dev"
	@go build -tags web,dev -o build/bin/latchkey-dev .
	@sh build/dev.sh

check: ## lint, types and the quick tests: Go and Node.js alone, under a minute
	@sh build/install-deps.sh check
	@$(MAKE) --no-print-directory frontend/node_modules/.installed
	@sh build/check.sh

lint: frontend/node_modules/.installed ## the linters alone, of Go and of the screens
	@$(TOOL) golangci-lint run ./...
	@npm --prefix frontend run --silent lint

fmt: frontend/node_modules/.installed ## format all source
	@$(TOOL) golangci-lint fmt
	@npm --prefix frontend run --silent format

generate: components docs ## write every generated file
	@go run ./internal/desktop/gen
	@go run ./internal/policy/gen
	@sh build/version.sh

components: # the wizard's pages and the hub's report, from *.templ
	@$(TOOL) templ fmt -log-level error internal/pages internal/hub/report
	@$(TOOL) templ generate -log-level error -path internal/pages
	@$(TOOL) templ generate -log-level error -path internal/hub/report

vuln: ## look for known vulnerabilities in what is linked; asks vuln.go.dev
	@$(TOOL) govulncheck -tags web ./...

test: ## install what is missing; run the check and every test
	@sh build/install-deps.sh test
	@$(MAKE) --no-print-directory frontend/node_modules/.installed relay web $(WINDOW) $(BROWSER)/node_modules/.installed $(SDK)/node_modules/.installed
	@go run ./internal/sqldb/sqldbtest/cluster sh build/test.sh

relay: ## build build/bin/latchkey-relay, one static program
	@echo "building $(RELAY)"
	@$(GO_BUILD) $(SMALL) -o $(RELAY) ./cmd/relay

packages: ## write all that a release has to build/packages; PARTS="relay linux windows" are all (Debian)
	@sh build/packages.sh $(PARTS)

wine: ## try the hub for Windows and its installers with wine (Debian); first make packages PARTS=windows
	@sh build/install-deps.sh wine
	@sh build/windows/wine.sh

screens: frontend/dist/index.html ## build the hub's screens

web: screens ## build build/bin/latchkey-web: the hub for a browser on this computer
	@echo "building $(WEB)"
	@$(GO_BUILD) -tags web -o $(WEB) .

desktop: screens ## build build/bin/latchkey: the hub in its window
	@sh build/install-deps.sh desktop
	@echo "building $(HUB)"
	@CGO_ENABLED=1 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.commit=$(COMMIT)" $(HUB_MODE) -tags $(HUB_TAGS) -o $(HUB) .

# Without the web view's runtime it says so, and downloads nothing.
windows: screens # the hub for Windows, from any system: make windows GOARCH=amd64 HUB=latchkey.exe
	@echo "building $(HUB)"
	@GOOS=windows $(GO_BUILD) -ldflags "$(LINK) -H windowsgui" -tags desktop,production,wv2runtime.error,$(TAGS) -o $(HUB) .

install: desktop ## put the hub into this person's menu (Linux), as what opens latchkey:// links
	@sh build/linux/install.sh

gallery: ## write every page and email in every state, with pictures, to build/gallery
	@sh build/install-deps.sh gallery
	@$(MAKE) --no-print-directory $(BROWSER)/node_modules/.installed
	@rm -rf build/gallery
	@LATCHKEY_PICTURES=$(CURDIR)/build/gallery \
		go test -tags browser -count=1 -run TestEveryPageAndEmailOfTheGallery ./$(BROWSER)
	@echo "the pictures are in build/gallery"

docs: ## write docs/failures.md from the catalog and the gallery
	@go run ./internal/pages/failuredoc > docs/failures.md.new && mv docs/failures.md.new docs/failures.md

bench: ## measure the figures, as ratios within one run, into build/figures.json
	@sh build/install-deps.sh bench
	@$(MAKE) --no-print-directory relay web $(WINDOW) $(BROWSER)/node_modules/.installed
	@rm -f build/figures.json
	@go run ./internal/sqldb/sqldbtest/cluster go test -tags built -run '^$$' -bench . -timeout 60m ./internal/journey/built
ifneq ($(WINDOW),)
	@go test -tags window -run '^$$' -bench . -timeout 20m ./internal/journey/window
endif

faults: ## kill, cut and fill up for hours
	@sh build/install-deps.sh test
	@$(MAKE) --no-print-directory relay web
	@go run ./internal/sqldb/sqldbtest/cluster go test -tags built,faults -count=1 -run Faults -timeout 12h -v ./internal/journey/built
	@$(MAKE) --no-print-directory $(BROWSER)/node_modules/.installed
	@go test -tags browser,faults -count=1 -run Faults -timeout 1h -v ./$(BROWSER)

clean: ## remove what was built
	rm -rf build/bin build/packages build/sysroot-arm64 build/gallery build/window $(BROWSER)/node_modules $(SDK)/node_modules frontend/node_modules frontend/dist/assets frontend/dist/index.html

$(BROWSER)/node_modules/.installed: $(BROWSER)/package-lock.json
	@echo "installing the browser tests' packages"
	@cd $(BROWSER) && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(SDK)/node_modules/.installed: $(SDK)/package-lock.json
	@echo "installing the platforms' clients"
	@cd $(SDK) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

frontend/node_modules/.installed: frontend/package-lock.json
	@echo "installing the screens' packages"
	@cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/index.html: frontend/node_modules/.installed frontend/index.html frontend/vite.config.ts frontend/tsconfig.json $(shell find frontend/src internal/platform/*/icon.svg -type f 2>/dev/null)
	@echo "building the screens"
	@cd frontend && npm run --silent build
	@touch $@
