# The commands of this project. `make help` lists them.

SHELL   := /bin/sh
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)
RELAY   := build/bin/latchkey-relay

# What the programs say of themselves is the version, so that the same source
# gives the same bytes. The tags leave out what no query and no letter of ours
# uses: pgx's Go types for arrays and ranges, and go-mail's own templates.
GO_BUILD := CGO_ENABLED=0 go build -tags nopgxregisterdefaulttypes,gomailnotpl -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)"

BROWSER := internal/journey/browser

.DEFAULT_GOAL := help
.PHONY: help run test relay gallery bench faults clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build all, and start the demo: relay, pretend platforms and a mailbox
	@sh build/need.sh run
	@$(MAKE) --no-print-directory relay
	@echo "starting the demo; stop it with Ctrl+C"
	@exec $(RELAY) demo

test: ## install what is missing and run every test
	@sh build/need.sh test
	@$(MAKE) --no-print-directory relay $(BROWSER)/node_modules/.installed
	@go run ./internal/sqldb/sqldbtest/cluster sh build/test.sh

relay: ## build build/bin/latchkey-relay, one static program
	@echo "building $(RELAY)"
	@$(GO_BUILD) -o $(RELAY) ./cmd/relay

gallery: ## write every page and letter in every state, with pictures, to build/gallery
	@sh build/need.sh gallery
	@$(MAKE) --no-print-directory $(BROWSER)/node_modules/.installed
	@rm -rf build/gallery
	@LATCHKEY_PICTURES=$(CURDIR)/build/gallery go test -tags browser -count=1 -run TestEveryPageAndLetterOfTheGallery ./$(BROWSER)
	@echo "the pictures are in build/gallery"

bench: ## measure the figures, as ratios within one run
	@sh build/need.sh test
	@$(MAKE) --no-print-directory relay
	@go run ./internal/sqldb/sqldbtest/cluster go test -tags built -run '^$$' -bench . -timeout 60m ./internal/journey/built

faults: ## kill, cut and fill up for hours
	@sh build/need.sh test
	@$(MAKE) --no-print-directory relay
	@go run ./internal/sqldb/sqldbtest/cluster go test -tags built,faults -count=1 -run Faults -timeout 12h -v ./internal/journey/built

clean: ## remove what was built
	rm -rf build/bin build/gallery $(BROWSER)/node_modules

$(BROWSER)/node_modules/.installed: $(BROWSER)/package-lock.json
	@echo "installing the browser tests' packages"
	@cd $(BROWSER) && npm ci --no-audit --no-fund --loglevel=error
	@touch $@
