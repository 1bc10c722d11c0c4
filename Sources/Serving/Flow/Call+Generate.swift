internal import Core
internal import Generation
internal import HTTPTypes
internal import Hummingbird
internal import Metering

/// The way of every request that generates: reserve, submit, follow, settle.
extension Call {
    /// Reserves the most the job can cost and submits it. On a refusal nothing is billed.
    func start(_ job: Job) async throws -> RunningJob {
        if state.running.isDraining { throw OpenAIError.shuttingDown }
        let requests = job.prompts.map { job.request($0, id: .random(), tenant: caller.tenant) }
        try await reserve(requests, model: job.model)
        var accepted: [(GenerationID, AsyncStream<GenerationEvent>)] = []
        for (index, request) in requests.enumerated() {
            switch job.model.engine.submit(request) {
            case .accepted(let stream): accepted.append((request.id, stream))
            case .rejected(let error):
                // Dropping the streams of those before cancels them.
                try await void(requests[index...].map(\.id))
                throw error
            }
        }
        let running = RunningJob(
            engine: job.model.engine,
            accepted: accepted,
            registry: state.running
        )
        await onClose { running.cancel() }
        return running
    }

    private func reserve(_ requests: [GenerationRequest], model: ServedModel) async throws {
        let ledger = state.ledger
        let reservations = requests.map { request in
            Reservation(
                generation: request.id,
                tenant: caller.tenant,
                key: caller.key,
                model: model.name,
                promptTokens: request.prompt.count,
                maxTokensPerChoice: request.maxTokens,
                choices: request.choices,
                requestID: requestID
            )
        }
        try await blocking { try ledger.reserve(reservations) }
    }

    private func void(_ ids: [GenerationID]) async throws {
        let ledger = state.ledger
        try await blocking { for id in ids { try ledger.void(id) } }
    }

    /// What the request consumed and cost, after all its generations have ended.
    private func settled(_ usage: Usage, _ running: RunningJob) async throws -> Usage {
        let ledger = state.ledger, tenant = caller.tenant
        var usage = usage
        usage.cost = try await blocking {
            try running.ids.reduce(.zero) { sum, id in
                try sum + (ledger.generation(id, tenant: tenant)?.cost ?? .zero)
            }
        }
        return usage
    }

    // MARK: answers

    /// Runs the job and answers as the request asks: whole, or in chunks while it runs.
    func answer(_ job: Job, _ shape: some AnswerShape) async throws -> Response {
        let running = try await start(job)
        let envelope = AnswerEnvelope(
            id: running.id.text,
            model: job.model.name,
            created: UnixTime.now()
        )
        var response =
            job.fields.stream
            ? stream(job, running, shape, envelope)
            : try await whole(job, running, shape, envelope)
        response.headers[.generationID] = running.ids.map(\.text).joined(separator: ",")
        return response
    }

    private func whole(
        _ job: Job,
        _ running: RunningJob,
        _ shape: some AnswerShape,
        _ envelope: AnswerEnvelope
    ) async throws -> Response {
        var shape = shape
        var pieces = PieceMaker(job)
        var usage = Usage()
        let error = try await follow(running) { item in
            guard case .event(let prompt, let event) = item else { return }
            usage.count(event)
            if case .token(let token) = event {
                shape.collect(pieces.piece(prompt: prompt, token))
            }
        }
        if let error { return error.response }
        var object = envelope.json(object: shape.wholeObject, choices: shape.choices())
        object["usage"] = try await settled(usage, running).json
        return .json(.object(object))
    }

    private func stream(
        _ job: Job,
        _ running: RunningJob,
        _ shape: some AnswerShape,
        _ envelope: AnswerEnvelope
    ) -> Response {
        SSE.response { writer in
            var chunks = ChunkWriter(shape, envelope, job)
            let error = try await follow(running) { item in
                switch item {
                case .event(let prompt, let event):
                    for chunk in chunks.chunks(prompt: prompt, event) {
                        try await writer.write(SSE.event(chunk))
                    }
                case .quiet: try await writer.write(SSE.keepAlive)
                case .closed: break
                }
            }
            let ending = await ending(job, running, chunks, error)
            try await writer.write(contentsOf: ending)
            try await writer.finish(nil)
        }
    }

    /// What ends a stream: all is well, or why not.
    private func ending(
        _ job: Job,
        _ running: RunningJob,
        _ chunks: ChunkWriter<some AnswerShape>,
        _ error: OpenAIError?
    ) async -> [ByteBuffer] {
        if let error { return [SSE.event(error.json)] }
        guard job.fields.includeUsage else { return [SSE.done] }
        do {
            let usage = try await settled(chunks.usage, running)
            return [SSE.event(chunks.last(usage)), SSE.done]
        } catch {
            return [SSE.event(OpenAIError(error).json)]
        }
    }

    /// Follows the job to its end, also the end that a client makes by going away.
    private func follow(
        _ running: RunningJob,
        _ body: (RunningJob.Item) async throws -> Void
    ) async throws -> OpenAIError? {
        let error = try await running.run(quietAfter: state.limits.keepAlive, body)
        // The connection lives on; its next request is none of this job's business.
        await onClose(nil)
        return error
    }
}
